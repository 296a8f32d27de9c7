import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Example } from "../../../functions/contract/example.ts";
import type { Reference } from "../../../functions/contract/reference.ts";
import { keyOf } from "../../../functions/core/monitor/histogram.ts";
import { makeReference } from "../../../functions/core/monitor/reference/make-reference.ts";
import { mergeSketches } from "../../../functions/core/monitor/sketch.ts";
import { decodeSketch } from "../../../functions/core/monitor/sketch-codec.ts";
import { buildModel, type ModelDefinition } from "../../../functions/core/train/onnx/build-model.ts";
import { checkPackage } from "../../../scripts/publish/check-package.ts";
import { examplesIn } from "../../../scripts/reference/example-files.ts";
import { openForReference } from "../../../scripts/reference/open-for-reference.ts";
import { declare, engine, packageFolder } from "../publish/package-folder.ts";

/** Adds two numbers up. */
const sum: ModelDefinition = {
  inputs: [{ name: "x", type: "float32", shape: ["N", 2] }],
  outputs: [{ name: "y", type: "float32", shape: ["N", 1] }],
  nodes: [
    { opType: "ReduceSum", inputs: ["x", "axes"], outputs: ["y"], attributes: { keepdims: { int: 1 } } },
  ],
  initialisers: { axes: { type: "int64", shape: [1], data: BigInt64Array.of(1n) } },
};
const features = { a: { from: "a", default: 0 }, b: { from: "b" } };
const files = {
  ...declare({ name: "sum", features, outputs: { y: { from: "y" } } }),
  "model.onnx": buildModel(sum),
  "samples.jsonl": '{"event": {"a": 1, "b": 2}, "outputs": {"y": 3}}\n',
};

const hourMs = 3_600_000;
const startMs = Date.UTC(2001, 0, 1);

function exampleAt(hour: number, [a, b]: readonly [number, number], id = `${hour} ${a} ${b}`): Example {
  const at = (ms: number) => new Date(startMs + ms).toISOString();
  return {
    ...{ predictionId: id, model: "sum", digest: "another", role: "champion", eventId: id },
    ...{ eventTime: at(hour * hourMs), outcomeTime: at((hour + 1) * hourMs), label: 1 },
    outputs: { y: 999 },
    features: { a, b },
  };
}

async function* streamOf(examples: readonly Example[]): AsyncGenerator<Example> {
  yield* examples;
}

async function countOf(examples: AsyncIterable<Example>): Promise<number> {
  let count = 0;
  for await (const _ of examples) count++;
  return count;
}

async function made(
  examples: readonly Example[],
  span: { fromMs?: number; toMs?: number } = {},
): Promise<Reference> {
  await using folder = await packageFolder(files);
  const model = await openForReference(folder.path);
  try {
    return await makeReference({ model, examples: streamOf(examples), ...span });
  } finally {
    await model.session.release();
  }
}

const sketchOf = (text: string) => decodeSketch(Buffer.from(text, "base64"));
const pairs = ({ keys, counts }: { readonly keys: readonly number[]; readonly counts: readonly number[] }) =>
  new Map(keys.map((key, i) => [key, counts[i]]));

describe("a reference", () => {
  it("counts the features of examples, and what the model itself says of them", async () => {
    const { rows, sketch, from, to } = await made([
      exampleAt(0, [1, 2]),
      exampleAt(5, [1, 4]),
      exampleAt(3, [7, 2]),
    ]);
    expect({ rows, from, to }).toEqual({
      rows: 3,
      from: "2001-01-01T00:00:00.000Z",
      to: "2001-01-01T05:00:00.000Z",
    });
    const whole = sketchOf(sketch);
    expect(whole.features.map(({ histogram }) => pairs(histogram))).toEqual([
      new Map([
        [keyOf(1), 2],
        [keyOf(7), 1],
      ]),
      new Map([
        [keyOf(2), 2],
        [keyOf(4), 1],
      ]),
    ]);
    // Of three sums, as the other version's 999 is not.
    expect(pairs(whole.scores[0]!)).toEqual(
      new Map([
        [keyOf(3), 1],
        [keyOf(5), 1],
        [keyOf(9), 1],
      ]),
    );
    // What a default stood in for, examples do not say.
    expect(whole.features.map(({ missing }) => missing)).toEqual([undefined, undefined]);
  });

  it("has a sketch for each whole window, and the parts of days at its ends in the whole only", async () => {
    const examples = Array.from({ length: 3 * 24 + 8 }, (_, i) => exampleAt(20 + i, [i % 7, 1]));
    const { rows, sketch, windows } = await made(examples);
    expect(rows).toBe(80);
    expect(windows.map(({ from, rows }) => [from, rows])).toEqual([
      ["2001-01-02T00:00:00.000Z", 24],
      ["2001-01-03T00:00:00.000Z", 24],
      ["2001-01-04T00:00:00.000Z", 24],
    ]);
    expect(mergeSketches(windows.map((each) => sketchOf(each.sketch))).rows).toBe(72);
    expect(sketchOf(sketch).rows).toBe(80);
  });

  it("keeps to the time it is given, and to the newest sixty windows", async () => {
    const examples = Array.from({ length: 100 }, (_, day) => [
      exampleAt(24 * day, [1, 1]),
      exampleAt(24 * day + 23.5, [1, 2]),
    ]);
    const { rows, windows } = await made(examples.flat(), {
      fromMs: startMs + 10 * 24 * hourMs,
      toMs: startMs + 90 * 24 * hourMs,
    });
    expect(rows).toBe(160);
    expect(windows.length).toBe(60);
    expect(windows.at(-1)!.from).toBe("2001-03-31T00:00:00.000Z");
  });

  it("is refused of no examples, and of such as lack a feature or hold what the model cannot take", async () => {
    await expect(made([])).rejects.toThrow("got no examples");
    const { features: _, ...rest } = exampleAt(0, [1, 2], "e1");
    await expect(made([{ ...rest, features: { a: 1 } }])).rejects.toThrow(
      'example e1: feature "b": got nothing, expected 1 number(s)',
    );
    await expect(made([{ ...rest, features: { a: 1, b: 1e39 } }])).rejects.toThrow(
      'feature "b": got 1e+39, expected a number within',
    );
  });

  it("is part of a package where it fits, and told why it does not where it was made of another", async () => {
    const reference = await made([exampleAt(0, [1, 2])]);
    const check = async (content: object, changes: object = {}) => {
      await using folder = await packageFolder({
        ...files,
        ...changes,
        "reference.json": JSON.stringify(content),
      });
      return [...(await checkPackage(folder.path, engine)).files.keys()];
    };
    expect(await check(reference)).toContain("reference.json");
    const other = declare({
      name: "sum",
      features: { a: { from: "a", as: { index: ["x", "y"] } }, b: { from: "b" } },
      outputs: { y: { from: "y" } },
    });
    const changes = { ...other, "samples.jsonl": '{"event": {"a": "x", "b": 2}, "outputs": {"y": 2}}\n' };
    await expect(check(reference, changes)).rejects.toThrow(
      'reference.json: sketch: feature "a": got a number, expected a category; make it anew with npm run reference',
    );
    await expect(check({ ...reference, rows: 2 })).rejects.toThrow(
      'sketch: got 1 rows, expected 2 as "rows" says',
    );
    await expect(check({ ...reference, sketch: "AgAA" })).rejects.toThrow("sketch: sketch: got version 2");
    await expect(check({ version: 1 })).rejects.toThrow("reference.json:1 rows: missing");
    await expect(
      check({ ...reference, windows: [{ from: reference.from, rows: 1, sketch: "" }] }),
    ).rejects.toThrow("windows[0].sketch: got");
  });

  it("is written by npm run reference, over one that no longer fits, from files of examples", async () => {
    await using folder = await packageFolder({ ...files, "reference.json": "{}" });
    await using data = await packageFolder({
      "one.ndjson.gz": gzipSync(
        [exampleAt(0, [1, 2]), exampleAt(0, [1, 2])].map((each) => `${JSON.stringify(each)}\n`).join(""),
      ),
      "two.ndjson": `${JSON.stringify(exampleAt(1, [1, 2]))}\n`,
    });
    const script = fileURLToPath(new URL("../../../scripts/reference.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      script,
      folder.path,
      "--examples",
      data.path,
      "--json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ model: "sum", rows: 2, windows: 0 });
    expect(JSON.parse(await readFile(join(folder.path, "reference.json"), "utf8"))).toMatchObject({
      version: 1,
      rows: 2,
    });
    expect((await checkPackage(folder.path, engine)).files.has("reference.json")).toBe(true);
    await writeFile(join(data.path, "two.ndjson"), "{}\n");
    await expect(examplesIn(data.path).next()).resolves.toMatchObject({ done: false });
    await expect(countOf(examplesIn(data.path))).rejects.toThrow(/two\.ndjson, line 1: got no example/);
  });
});

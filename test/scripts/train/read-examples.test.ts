import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Example } from "../../../functions/contract/example.ts";
import { readExamples } from "../../../scripts/train/read-examples.ts";

function exampleOf(id: number, changes: Partial<Example> = {}): Example {
  return {
    predictionId: `p-${id}`,
    model: "flight-delay",
    digest: "d".repeat(64),
    role: "champion",
    eventId: `e-${id}`,
    eventTime: new Date(Date.UTC(2001, 0, 1, 0, id)).toISOString(),
    outputs: { probability: 0.5 },
    outcomeTime: "2001-01-02T00:00:00.000Z",
    features: { hour: id, miles: 100 * id, unused: [1, 2] },
    label: id % 2,
    ...changes,
  };
}

async function folderOf(files: Readonly<Record<string, readonly unknown[]>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-examples-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, lines] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
    await writeFile(join(folder, name), gzipSync(text));
  }
  return folder;
}

describe("readExamples", () => {
  it("reads each example of all objects once, in the order of time, with the columns asked for", async () => {
    const folder = await folderOf({
      "2001/01/01/00/b-1-2.ndjson.gz": [exampleOf(3), exampleOf(1)],
      "2001/01/01/00/a-1-2.ndjson.gz": [exampleOf(2), exampleOf(3)],
    });

    const table = await readExamples(folder, ["miles", "hour"]);

    expect(table).toEqual({
      features: ["miles", "hour"],
      count: 3,
      values: Float32Array.of(100, 1, 200, 2, 300, 3),
      labels: Uint8Array.of(1, 0, 1),
      timesMs: Float64Array.from([1, 2, 3], (minute) => Date.UTC(2001, 0, 1, 0, minute)),
    });
  });

  it("makes the same table however the examples are spread over objects", async () => {
    const all = Array.from({ length: 40 }, (_, i) => exampleOf(i, { eventTime: exampleOf(i % 3).eventTime }));
    const [one, other] = await Promise.all([
      folderOf({ "a.ndjson.gz": all }),
      folderOf({ "x/2.ndjson.gz": all.slice(0, 25), "x/1.ndjson.gz": all.toReversed() }),
    ]);

    expect(await readExamples(other, ["hour"])).toEqual(await readExamples(one, ["hour"]));
  });

  it.each<[string, unknown, RegExp]>([
    ["that is no JSON", "{", /a\.ndjson\.gz, line 2: got no example/],
    ["without a prediction", { label: 1 }, /a\.ndjson\.gz, line 2: got no example/],
    [
      "without a column",
      exampleOf(1, { features: {} }),
      /line 2: feature "hour": got undefined, expected one number/,
    ],
    [
      "with a list for a column",
      exampleOf(1, { features: { hour: [1] } }),
      /line 2: feature "hour": got \[1\]/,
    ],
    ["whose label is a class", exampleOf(1, { label: "red" }), /line 2: label: got "red", expected 0 or 1/],
  ])("says where a line is %s", async (_, line, message) => {
    const folder = await folderOf({ "a.ndjson.gz": [exampleOf(0), line] });

    await expect(readExamples(folder, ["hour"])).rejects.toThrow(message);
  });

  it("says that there are none, and that an object is no gzip", async () => {
    const empty = await folderOf({});
    await expect(readExamples(empty, ["hour"])).rejects.toThrow(
      /^no examples under .*; make some with npm run backfill/,
    );

    const broken = await folderOf({});
    await writeFile(join(broken, "a.ndjson.gz"), "plain");
    await expect(readExamples(broken, ["hour"])).rejects.toThrow();
  });
});

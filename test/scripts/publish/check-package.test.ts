import { readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ModelArtifactError } from "../../../functions/core/errors.ts";
import { packageDigest } from "../../../functions/core/inference/package-digest.ts";
import { buildModel, type ModelDefinition } from "../../../functions/core/train/onnx/build-model.ts";
import { treesFolder } from "../../../scripts/models/flight-delay-trees.ts";
import { checkPackage } from "../../../scripts/publish/check-package.ts";
import { declare, engine, type FileChange, packageFolder } from "./package-folder.ts";

async function problemsOf(
  changes: Readonly<Record<string, FileChange>>,
  example?: string,
): Promise<string[]> {
  await using folder = await packageFolder(changes, example);
  const error = await checkPackage(folder.path, engine).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelArtifactError);
  const { code, details, message } = error as ModelArtifactError;
  expect(code).toBe("model.package");
  for (const problem of details.problems as string[]) expect(message).toContain(problem);
  return details.problems as string[];
}

const sum: ModelDefinition = {
  inputs: [{ name: "x", type: "float32", shape: ["N", 2] }],
  outputs: [{ name: "y", type: "float32", shape: ["N", 1] }],
  nodes: [
    {
      opType: "ReduceSum",
      inputs: ["x", "axes"],
      outputs: ["y"],
      attributes: { keepdims: { int: 1 } },
    },
  ],
  initialisers: { axes: { type: "int64", shape: [1], data: BigInt64Array.of(1n) } },
};
const sumPackage = {
  ...declare({
    name: "sum",
    features: { a: { from: "a" }, b: { from: "b" } },
    outputs: { y: { from: "y" } },
  }),
  "model.onnx": buildModel(sum),
  "samples.jsonl": '{"event": {"a": 1, "b": 2}, "outputs": {"y": 3}}\n',
};

describe("checkPackage", () => {
  it("passes the dense example and takes its files as they are", async () => {
    await using folder = await packageFolder();
    const plan = await checkPackage(folder.path, engine);
    expect(plan).toMatchObject({
      package: { name: "sensor-state" },
      changes: [],
      warnings: [],
      sampleCount: 12,
    });
    expect([...plan.files.keys()]).toEqual(["model.json", "model.onnx", "samples.jsonl"]);
    expect(plan.digest).toBe(packageDigest(plan.files));
    expect(plan.sourceDigest).toBe(plan.digest);
    expect(Object.isFrozen(plan)).toBe(true);
  });

  it("passes the flight model with the converters' ZipMap, by stripping it", async () => {
    const model = await readFile(new URL("../../fixtures/flight-delay/model-zipmap.onnx", import.meta.url));
    await using folder = await packageFolder({ "model.onnx": model }, treesFolder);
    const plan = await checkPackage(folder.path, engine);
    expect(plan.changes).toEqual([expect.stringContaining("ZipMap")]);
    expect(plan.sourceDigest).not.toBe(plan.digest);
    expect(Buffer.from(plan.files.get("model.onnx")!).equals(model)).toBe(false);
  });

  it("passes a model of several features and one of several inputs", async () => {
    await using one = await packageFolder(sumPackage);
    expect((await checkPackage(one.path, engine)).sampleCount).toBe(1);
    const inputs = ["a", "b"].map((name) => ({ name, type: "float32" as const, shape: ["N", 1] }));
    const model = buildModel({
      inputs,
      outputs: sum.outputs,
      nodes: [{ opType: "Add", inputs: ["a", "b"], outputs: ["y"] }],
    });
    await using two = await packageFolder({ ...sumPackage, "model.onnx": model });
    expect((await checkPackage(two.path, engine)).sampleCount).toBe(1);
  });

  it("warns of a package without samples, after a run on zeros", async () => {
    await using folder = await packageFolder({ "samples.jsonl": undefined });
    const plan = await checkPackage(folder.path, engine);
    expect(plan.warnings).toEqual([expect.stringContaining("samples.jsonl")]);
    expect(plan.sampleCount).toBe(0);
  });

  it("refuses a model without samples that fails on zeros", async () => {
    const model = buildModel({
      ...sum,
      nodes: [{ opType: "Reshape", inputs: ["x", "shape"], outputs: ["y"] }],
      initialisers: { shape: { type: "int64", shape: [2], data: BigInt64Array.of(1n, 2n) } },
      outputs: [{ name: "y", type: "float32", shape: ["N", 1] }],
    });
    expect(await problemsOf({ ...sumPackage, "model.onnx": model, "samples.jsonl": undefined })).toEqual([
      expect.stringMatching(/^model\.onnx: fails on 2 rows of zeros/),
    ]);
  });

  describe("the folder", () => {
    it("must exist and be one", async () => {
      await expect(checkPackage("/no/such/folder", engine)).rejects.toThrow(/no such folder/);
      await using folder = await packageFolder();
      await expect(checkPackage(join(folder.path, "model.json"), engine)).rejects.toThrow(/not a folder/);
    });

    it.each<[string, Record<string, FileChange>, RegExp]>([
      ["lacks the model", { "model.onnx": undefined }, /^model\.onnx: missing/],
      ["lacks the declaration", { "model.json": undefined }, /^model\.json: missing/],
      [
        "holds a misspelt file",
        { "sample.jsonl": "" },
        /^sample\.jsonl: .*did you mean "samples\.jsonl"\?; allowed: model\.json, /,
      ],
      ["holds weights beside the model", { "model.onnx.data": "" }, /without external data/],
      ["holds a reference that is no JSON", { "reference.json": "{" }, /^reference\.json:1: not valid JSON/],
    ])("is refused when it %s", async (_, changes, problem) => {
      expect(await problemsOf(changes)).toEqual([expect.stringMatching(problem)]);
    });

    it("may hold a README, which is not published", async () => {
      await using folder = await packageFolder({ "README.md": "about" });
      expect([...(await checkPackage(folder.path, engine)).files.keys()]).not.toContain("README.md");
    });

    it("is refused when a file is too large, which is not read", async () => {
      await using folder = await packageFolder({ "reference.json": "{}" });
      await truncate(join(folder.path, "reference.json"), 17 * 2 ** 20);
      await expect(checkPackage(folder.path, engine)).rejects.toThrow(
        /reference\.json: got 17825792 bytes, allowed are at most 2097152/,
      );
    });
  });

  describe("model.json", () => {
    it("is refused with the line of a syntax error", async () => {
      expect(await problemsOf({ "model.json": '{\n "name": "x",\n}' })).toEqual([
        expect.stringMatching(/^model\.json:3: not valid JSON/),
      ]);
    });

    it("is refused with the line of a wrong value", async () => {
      expect(await problemsOf({ "model.json": (text) => text.replace('"max": 10', '"max": "10"') })).toEqual([
        'model.json:14 features.embedding.max: got "10", expected a finite number',
      ]);
    });

    it.each<[string, Record<string, FileChange>, RegExp]>([
      [
        "a shape that is not the model's",
        declare({ features: { embedding: { from: "embedding", shape: [8, 4] } } }),
        /embedding.*8, 4/,
      ],
      [
        "an output the model does not have",
        declare({ outputs: { s: { from: "score" } } }),
        /no output "score".*"scores"/,
      ],
      ["an index beyond the row", declare({ outputs: { s: { from: "scores", index: 3 } } }), /index 3/],
      [
        "too few names",
        declare({ outputs: { s: { from: "scores" }, t: { of: "s", names: ["a", "b"] } } }),
        /names/,
      ],
      [
        "a threshold on a list",
        declare({ outputs: { s: { from: "scores" }, t: { of: "s", threshold: 1, names: ["a", "b"] } } }),
        /index/,
      ],
    ])("is refused for %s", async (_, changes, problem) => {
      const problems = await problemsOf({ ...changes, "samples.jsonl": undefined });
      expect(problems).toEqual([expect.stringMatching(problem)]);
    });

    it.each([
      ["too few features", { a: { from: "a" } }],
      ["too many columns", { a: { from: "a", as: { oneHot: ["x", "y"] } }, b: { from: "b" } }],
    ])("is refused for %s", async (_, features) => {
      const problems = await problemsOf({
        "model.json": JSON.stringify({ name: "sum", features, outputs: { y: { from: "y" } } }),
        "model.onnx": buildModel(sum),
      });
      expect(problems.join("\n")).toMatch(/input "x"/);
    });
  });

  describe("model.onnx", () => {
    it.each<[string, Uint8Array, RegExp]>([
      ["no ONNX model", Buffer.from("not a model"), /model\.onnx/],
      ["empty", Buffer.alloc(0), /model\.onnx/],
      [
        "made of operators that the runtime does not know",
        buildModel({ ...sum, nodes: [{ opType: "Frobnicate", inputs: ["x"], outputs: ["y"] }] }),
        /it uses ai\.onnx\.Frobnicate \(opset 17\)$/,
      ],
      [
        "fixed to one row",
        buildModel({ ...sum, inputs: [{ name: "x", type: "float32", shape: [1, 2] }] }),
        /variable first dimension/,
      ],
    ])("is refused when it is %s", async (_, model, problem) => {
      const problems = await problemsOf({ ...sumPackage, "model.onnx": model });
      expect(problems).toEqual([expect.stringMatching(problem)]);
    });

    it("may take text, which its features then must be", async () => {
      const model = buildModel({
        inputs: [{ name: "x", type: "string", shape: ["N", 2] }],
        outputs: [{ name: "y", type: "string", shape: ["N", 2] }],
        nodes: [{ opType: "Identity", inputs: ["x"], outputs: ["y"] }],
      });
      const echo = { ...sumPackage, "model.onnx": model };
      const textSample = '{"event": {"a": "ORD", "b": "é"}, "outputs": {"y": ["ORD", "é"]}}';
      await using folder = await packageFolder({ ...echo, "samples.jsonl": textSample });
      expect(await checkPackage(folder.path, engine)).toMatchObject({ sampleCount: 1 });
      expect(await problemsOf(echo)).toEqual([
        expect.stringMatching(/^samples\.jsonl:1: .*feature "a": got 1 at "a", expected a string/),
      ]);
    });
  });

  describe("samples.jsonl", () => {
    it.each([
      ["no JSON", "{", /^samples\.jsonl:2: not valid JSON/],
      [
        "of another shape",
        '{"event": {}, "output": {}}',
        /^samples\.jsonl:2 output: unknown key; did you mean "outputs"\?/m,
      ],
      [
        "about an output that is not declared",
        '{"event": {"a": 1, "b": 2}, "outputs": {"z": 3}}',
        /^samples\.jsonl:2 outputs\.z: /,
      ],
      [
        "not what the model gives",
        '{"event": {"a": 1, "b": 2}, "outputs": {"y": 3.1}}',
        /^samples\.jsonl:2: output "y": got 3, expected 3\.1/,
      ],
      [
        "an event that is rejected",
        '{"event": {"a": "x", "b": 2}, "outputs": {"y": 3}}',
        /^samples\.jsonl:2: the event would be rejected: .*\(input\.type\)$/,
      ],
    ])("is refused when a line is %s", async (_, line, problem) => {
      const problems = await problemsOf({
        ...sumPackage,
        "samples.jsonl": `${sumPackage["samples.jsonl"]}${line}\n`,
      });
      expect(problems.join("\n")).toMatch(problem);
    });

    it("is refused when predictOn would skip its events", async () => {
      const problems = await problemsOf({
        ...sumPackage,
        ...declare({
          name: "sum",
          predictOn: { type: "never" },
          features: { a: { from: "a" }, b: { from: "b" } },
          outputs: { y: { from: "y" } },
        }),
      });
      expect(problems).toEqual([expect.stringMatching(/^samples\.jsonl:1: the event would be skipped/)]);
    });

    it("is held to the package's tolerance, at both sides of it", async () => {
      const samples = '{"event": {"a": 1, "b": 2}, "outputs": {"y": 3.25}}\n';
      const tolerating = (samplesTolerance: number) => ({
        ...sumPackage,
        ...declare({
          name: "sum",
          samplesTolerance,
          features: { a: { from: "a" }, b: { from: "b" } },
          outputs: { y: { from: "y" } },
        }),
        "samples.jsonl": samples,
      });
      await using folder = await packageFolder(tolerating(0.25));
      expect((await checkPackage(folder.path, engine)).sampleCount).toBe(1);
      expect(await problemsOf(tolerating(0.2499))).toHaveLength(1);
    });

    it("is held to labels exactly", async () => {
      const problems = await problemsOf({
        "samples.jsonl": (text) => text.replace('"state":"idle"', '"state":"worn"'),
      });
      expect(problems).toEqual([expect.stringMatching(/output "state": got "idle", expected "worn"/)]);
    });
  });

  it("gathers the problems of every file", async () => {
    const problems = await problemsOf({
      "model.json": '{"nam": 1}',
      "model.onnx": Buffer.from("nonsense"),
      "samples.jsonl": "[]\n{\n",
      "extra.txt": "",
    });
    const files = problems.map((problem) => problem.split(/[: ]/)[0]);
    expect(new Set(files)).toEqual(new Set(["model.json", "model.onnx", "samples.jsonl", "extra.txt"]));
  });
});

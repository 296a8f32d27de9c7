import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MemoryObjectStore } from "../../../../../functions/adapters/memory/memory-object-store.ts";
import type { Example } from "../../../../../functions/contract/example.ts";
import { type ModelPackageInput, modelPackage } from "../../../../../functions/contract/model-package.ts";
import { training } from "../../../../../functions/contract/training.ts";
import { type TrainingSlice, trainingManifest } from "../../../../../functions/contract/training-data.ts";
import { assemble, type UsableExample } from "../../../../../functions/core/train/assemble/assemble.ts";
import { compileRowSchema } from "../../../../../functions/core/train/assemble/row-schema.ts";
import { seededRandom } from "../../../../../scripts/onnx/random.ts";

const hourMs = 3_600_000;
const startMs = Date.UTC(2001, 0, 1);

const declared = (changes: Partial<ModelPackageInput> = {}) =>
  modelPackage.parse({
    name: "flights",
    event: { id: "id" },
    features: {
      distance: { from: "distance" },
      origin: { from: "origin", as: { index: ["ORD", "ATL"] } },
      shape: { from: "shape", shape: [3], input: "shape" },
    },
    outputs: { probability: { from: "probabilities", index: 1 } },
    outcome: { on: {}, id: "id", label: { from: "late", above: 15 }, within: "48h" },
    ...changes,
  });

const layout = {
  schemaVersion: 1 as const,
  inputs: [
    { type: "float32" as const, width: 2 },
    { type: "float32" as const, width: 3 },
  ],
  features: [
    { name: "distance", input: 0, column: 0, width: 1 },
    { name: "origin", input: 0, column: 1, width: 1 },
    { name: "shape", input: 1, column: 0, width: 3 },
  ],
};

function exampleAt(i: number, changes: Partial<Example> = {}): UsableExample & { hasSameInputs: boolean } {
  return {
    example: {
      eventTime: new Date(startMs + i * (hourMs / 10)).toISOString(),
      features: { distance: i, origin: i % 2, shape: [i, i + 0.5, -i] },
      label: i % 3 === 0 ? 1 : 0,
      ...changes,
    },
    hasSameInputs: true,
  };
}

async function run(
  examples: readonly UsableExample[],
  rules: Parameters<typeof training.parse>[0] = {},
  pkg = declared(),
) {
  const store = new MemoryObjectStore();
  const result = await assemble({
    ...{ model: "flights", execution: "e1", champion: "c".repeat(64), store },
    schema: compileRowSchema(pkg, layout),
    training: training.parse(rules),
    async *examples() {
      yield* examples;
    },
    random: () => seededRandom(7).uniform,
  });
  const rowsOf = (slice: TrainingSlice) =>
    slice.parts.flatMap(({ key, rows, sha256 }) => {
      const bytes = store.objects.get(key)!;
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
      const values = new Float32Array(bytes.slice().buffer);
      expect(values.length).toBe(rows * 7);
      return Array.from({ length: rows }, (_, i) => [...values.subarray(i * 7, i * 7 + 7)]);
    });
  return { result, store, rowsOf };
}

async function manifestOf(...given: Parameters<typeof run>) {
  const { result, store, rowsOf } = await run(...given);
  if ("stop" in result) throw new Error(result.stop.message);
  const stored = trainingManifest.parse(JSON.parse(Buffer.from(store.objects.get(result.key)!).toString()));
  expect(stored).toEqual(result.manifest);
  return { ...result, manifest: stored, train: rowsOf(stored.train), holdout: rowsOf(stored.holdout) };
}

const rows = { least: 10 };
const hundred = Array.from({ length: 100 }, (_, i) => exampleAt(i));

describe("assemble", () => {
  it("writes the features in tensor order, then the label and the weight, the newest share held out", async () => {
    const { manifest, train, holdout } = await manifestOf(hundred, { rows: { ...rows, holdout: 0.25 } });
    expect(manifest.features).toEqual([
      { name: "distance", width: 1, kind: "number" },
      { name: "origin", width: 1, kind: "category" },
      { name: "shape", width: 3, kind: "number" },
    ]);
    expect(manifest.label).toEqual({ kind: "binary", classes: [0, 1], output: "probabilities", index: 1 });
    expect([manifest.inputs, manifest.outputs]).toEqual([
      [
        { name: "distance", type: "float32", shape: [2] },
        { name: "shape", type: "float32", shape: [3] },
      ],
      ["probabilities"],
    ]);
    // Ten rows an hour; a quarter of a hundred is reached within the third hour from the end.
    expect([train.length, holdout.length]).toEqual([70, 30]);
    const rowOf = (i: number) => [i, i % 2, i, i + 0.5, -i, i % 3 === 0 ? 1 : 0, 1];
    expect(train).toEqual(hundred.slice(0, 70).map((_, i) => rowOf(i)));
    expect(holdout).toEqual(hundred.slice(70).map((_, i) => rowOf(70 + i)));
    expect([manifest.train.to < manifest.holdout.from, manifest.holdout.to]).toEqual([
      true,
      hundred[99]!.example.eventTime,
    ]);
  });

  it("takes the newest rows only, by their span and by their number", async () => {
    const bySpan = await manifestOf(hundred, { rows: { ...rows, over: "4h" } });
    expect([bySpan.train.length + bySpan.holdout.length, bySpan.train[0]![0]]).toEqual([40, 60]);
    expect(bySpan.skipped.outside).toBe(60);
    const byNumber = await manifestOf([...hundred, ...hundred.map((_, i) => exampleAt(i - 100))], {
      rows: { ...rows, most: 105 },
    });
    expect(byNumber.train.length + byNumber.holdout.length).toBe(100);
  });

  it("is the same when it is run again, and comes from what may come in any order of time", async () => {
    const shuffled = hundred.toSorted((a, b) => (a.example.label as number) - (b.example.label as number));
    const [one, two] = [await manifestOf(shuffled, { rows }), await manifestOf(shuffled, { rows })];
    expect(one).toEqual(two);
    expect(Math.max(...one.train.map(([distance]) => distance!))).toBeLessThan(
      Math.min(...one.holdout.map(([distance]) => distance!)),
    );
  });

  it.each([
    ["too few rows", hundred.slice(0, 9), "training.few_rows"],
    ["no rows", [], "training.few_rows"],
    ["rows of a single hour, which none is older than", hundred.slice(0, 10), "training.few_rows"],
    [
      "one class alone",
      hundred.map(({ example }, i) => exampleAt(i, { ...example, label: 0 })),
      "training.one_class",
    ],
    [
      "one class held out",
      hundred.map((_, i) => exampleAt(i, { label: i < 60 ? i % 2 : 1 })),
      "training.one_class",
    ],
    [
      "features of another version",
      hundred.map((each) => ({ ...each, hasSameInputs: false })),
      "training.schema",
    ],
  ])("stops, in words, at %s", async (_, examples, code) => {
    const { result, store } = await run(examples, { rows });
    expect(result).toMatchObject({ stop: { code } });
    expect([...store.objects.keys()]).toEqual([]);
  });

  it("leaves out what cannot be used, and counts it", async () => {
    const { skipped, train, holdout } = await manifestOf(
      [
        ...hundred,
        exampleAt(1, { features: { distance: 1, origin: 0 } }),
        exampleAt(1, { features: { distance: 1, origin: 0, shape: [1, 2] } }),
        exampleAt(1, { label: "late" }),
        { ...exampleAt(1), hasSameInputs: false },
      ],
      { rows },
    );
    expect(skipped).toEqual({ otherInputs: 1, unreadable: 3, outside: 0 });
    expect(train.length + holdout.length).toBe(100);
  });

  it("places classes as the package lists them, and leaves numbers as they are", async () => {
    const classes = declared({
      outputs: { scores: { from: "scores" } },
      outcome: { on: {}, id: "id", label: { from: "kind", classes: ["a", "b", "c"] }, within: "1h" },
    });
    const kinds = hundred.map((_, i) => exampleAt(i, { label: "abc"[i % 3]! }));
    const { manifest, train } = await manifestOf(kinds, { rows }, classes);
    expect(manifest.label).toEqual({ kind: "classes", classes: ["a", "b", "c"], output: "scores" });
    expect(train.slice(0, 4).map((row) => row[5])).toEqual([0, 1, 2, 0]);
    const number = declared({
      outputs: { minutes: { from: "y", index: 0 } },
      outcome: { on: {}, id: "id", label: { from: "delay" }, within: "1h" },
    });
    const delays = hundred.map((_, i) => exampleAt(i, { label: -i / 2 }));
    const regression = await manifestOf(delays, { rows }, number);
    expect(regression.manifest.label).toEqual({ kind: "number", output: "y", index: 0 });
    expect(regression.train.slice(0, 3).map((row) => row[5])).toEqual([-0, -0.5, -1]);
  });

  it("augments training rows alone: balanced weights, noise on a copy, mixtures of rows with one label", async () => {
    const { train, holdout } = await manifestOf(hundred, {
      rows,
      augment: { classWeights: "balanced", jitter: { distance: 2 }, mixUp: 0.4 },
    });
    expect(holdout.every((row) => row[6] === 1)).toBe(true);
    expect(holdout).toHaveLength(20);
    const served = train.filter(([distance, , first]) => distance === first && Number.isInteger(distance));
    const sums = [0, 1].map((label) =>
      served.filter((row) => row[5] === label).reduce((sum, row) => sum + row[6]!, 0),
    );
    expect(sums[0]!).toBeCloseTo(sums[1]!, 3);
    // A row, its noisy copy, and now and then a mixture with the row before it.
    expect(train.length).toBeGreaterThan(160);
    const noisy = train.filter(([distance]) => !Number.isInteger(distance));
    expect(noisy).toHaveLength(80);
    const deviation = Math.sqrt(
      noisy.reduce((sum, [distance, , first]) => sum + (distance! - first!) ** 2, 0) / noisy.length,
    );
    expect(Math.abs(deviation - 2)).toBeLessThan(0.6);
    const mixed = train.filter(([distance, , first]) => Number.isInteger(distance) && distance !== first);
    expect(mixed.length).toBeGreaterThan(10);
    expect(mixed.every(([, , a, b, c]) => Math.abs(b! - a! - 0.5) < 1e-4 && Math.abs(a! + c!) < 1e-4)).toBe(
      true,
    );
  });
});

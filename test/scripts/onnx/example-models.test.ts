import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import type { Tensor } from "../../../functions/core/inference/tensor.ts";
import { ModelProtoSchema } from "../../../functions/core/train/onnx/onnx_pb.ts";
import {
  embeddingModel,
  logisticModel,
  perceptronModel,
  tableModel,
} from "../../../scripts/onnx/example-models.ts";
import { treeModel } from "../../../scripts/onnx/example-trees.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";

/** Double precision here, single there: sums of up to 128 products of size one. */
const digits = 5;

describe("equal seeds give equal models, other seeds others", () => {
  test.each([
    ["perceptron", perceptronModel],
    ["logistic regression", logisticModel],
    ["embedding", embeddingModel],
    ["trees", ({ seed }: { seed: number }) => treeModel({ treeCount: 2, seed })],
  ])("%s", (_, model) => {
    expect(model({ seed: 5 })).toEqual(model({ seed: 5 }));
    expect(model({ seed: 5 })).not.toEqual(model({ seed: 6 }));
  });
});

describe("ONNX Runtime computes what the weights say", () => {
  test("perceptron", async () => {
    const model = perceptronModel();
    const rows = normalRows(16, 30);
    const weights = tensorsOf(model);
    const expected = rows.map((row) => {
      const first = affine(row, weights.weights1!, weights.bias1!).map(relu);
      const second = affine(first, weights.weights2!, weights.bias2!).map(relu);
      return sigmoid(affine(second, weights.weights3!, weights.bias3!)[0]!);
    });
    const score = await run(model, [16, 30], rows, "score");
    expect(score.shape).toEqual([16, 1]);
    expectClose(score, expected);
  });

  test("logistic regression", async () => {
    const model = logisticModel();
    const rows = normalRows(16, 30);
    const { weights1, bias1 } = tensorsOf(model);
    const expected = rows.map((row) => sigmoid(affine(row, weights1!, bias1!)[0]!));
    expectClose(await run(model, [16, 30], rows, "score"), expected);
  });

  test("embedding", async () => {
    const model = embeddingModel();
    const rows = normalRows(16, 32);
    const { weights, bias } = tensorsOf(model);
    const expected = rows.flatMap((row) => {
      const powers = affine(row, weights!, bias!).map(Math.exp);
      const sum = powers.reduce((total, power) => total + power);
      return powers.map((power) => power / sum);
    });
    const scores = await run(model, [16, 4, 8], rows, "scores");
    expect(scores.shape).toEqual([16, 3]);
    expectClose(scores, expected);
  });

  test("trees, and their probabilities are spread rather than all alike", async () => {
    const model = treeModel();
    const rows = normalRows(200, 30);
    const walk = treeWalker(model);
    const expected = rows.map((row) => sigmoid(walk(row)));
    const probabilities = await run(model, [200, 30], rows, "probabilities");
    expectClose(
      probabilities,
      expected.flatMap((probability) => [1 - probability, probability]),
    );
    const label = await run(model, [200, 30], rows, "label");
    expect(Array.from(label.data as BigInt64Array, Number)).toEqual(
      expected.map((probability) => (probability > 0.5 ? 1 : 0)),
    );
    expect(Math.min(...expected)).toBeLessThan(0.3);
    expect(Math.max(...expected)).toBeGreaterThan(0.7);
  });

  test("table", async () => {
    const rows = [3, 0, 1].map((place) => Float32Array.of(place, 99));
    expectClose(await run(tableModel(), [3, 2], rows, "score"), [0.4, 0.1, 0.2]);
  });
});

test("trees have the size asked for: every split and leaf of each", () => {
  const { attribute } = fromBinary(ModelProtoSchema, treeModel()).graph!.node[0]!;
  const modes = attribute.find(({ name }) => name === "nodes_modes")!.strings.map((mode) => text(mode));
  expect(modes.filter((mode) => mode === "LEAF")).toHaveLength(300 * 64);
  expect(modes.filter((mode) => mode === "BRANCH_LT")).toHaveLength(300 * 63);
});

test("one row outside of the table fails the whole run", async () => {
  const rows = [Float32Array.of(0, 0), Float32Array.of(4, 0)];
  await expect(run(tableModel(), [2, 2], rows, "score")).rejects.toMatchObject({ code: "run.failed" });
});

test("the random source is uniform, normal, and the same everywhere", () => {
  const random = seededRandom(42);
  // Mulberry32's published sequence for seed 42.
  expect([random.uniform(), random.uniform()]).toEqual([0.6011037519201636, 0.44829055899754167]);
  const normals = Array.from({ length: 20_000 }, () => random.normal());
  const mean = normals.reduce((sum, value) => sum + value) / normals.length;
  const variance = normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normals.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
  expect(new Set(Array.from({ length: 100 }, () => random.integer(3)))).toEqual(new Set([0, 1, 2]));
});

type Weights = Readonly<Record<string, { shape: readonly number[]; data: Float32Array } | undefined>>;

function tensorsOf(model: Uint8Array): Weights {
  const { initializer } = fromBinary(ModelProtoSchema, model).graph!;
  return Object.fromEntries(
    initializer.map(({ name, dims, rawData }) => [
      name,
      { shape: dims.map(Number), data: new Float32Array(rawData.slice().buffer) },
    ]),
  );
}

function affine(
  row: ArrayLike<number>,
  weights: NonNullable<Weights[string]>,
  bias: NonNullable<Weights[string]>,
): number[] {
  const width = weights.shape[1]!;
  return Array.from(bias.data, (start, column) =>
    Array.from(row).reduce((sum, value, i) => sum + value * weights.data[i * width + column]!, start),
  );
}

/** Reads the ensemble out of the model's own attributes: sum of the leaves that a row falls into. */
function treeWalker(model: Uint8Array): (row: ArrayLike<number>) => number {
  const { attribute } = fromBinary(ModelProtoSchema, model).graph!.node[0]!;
  const ints = (name: string) => attribute.find((each) => each.name === name)!.ints.map(Number);
  const values = attribute.find((each) => each.name === "nodes_values")!.floats;
  const modes = attribute.find((each) => each.name === "nodes_modes")!.strings.map(text);
  const weights = attribute.find((each) => each.name === "class_weights")!.floats;
  const [trees, ids, features] = ["nodes_treeids", "nodes_nodeids", "nodes_featureids"].map(ints);
  const [below, above] = ["nodes_truenodeids", "nodes_falsenodeids"].map(ints);
  const placeOf = new Map(trees!.map((tree, i) => [`${tree}/${ids![i]}`, i]));
  const leafIds = ints("class_nodeids");
  const leafWeights = new Map(ints("class_treeids").map((tree, i) => [`${tree}/${leafIds[i]}`, weights[i]!]));
  return (row) => {
    let sum = 0;
    for (const tree of new Set(trees)) {
      let at = placeOf.get(`${tree}/0`)!;
      while (modes[at] !== "LEAF") {
        const isBelow = row[features![at]!]! < values[at]!;
        at = placeOf.get(`${tree}/${(isBelow ? below : above)![at]}`)!;
      }
      sum += leafWeights.get(`${tree}/${ids![at]}`)!;
    }
    return sum;
  };
}

function normalRows(rowCount: number, width: number): Float32Array[] {
  const random = seededRandom(99);
  return Array.from({ length: rowCount }, () => Float32Array.from({ length: width }, () => random.normal()));
}

async function run(
  model: Uint8Array,
  shape: readonly number[],
  rows: readonly Float32Array[],
  output: string,
): Promise<Tensor> {
  const session = await createOrtEngine({ memoryMiB: 1769 }).createSession(model);
  try {
    const data = Float32Array.from(rows.flatMap((row) => [...row]));
    const outputs = await session.run({ [session.inputs[0]!.name]: { type: "float32", shape, data } }, [
      output,
    ]);
    return outputs[output]!;
  } finally {
    await session.release();
  }
}

function expectClose({ data }: Tensor, expected: readonly number[]): void {
  expect(data).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, digits);
}

function relu(value: number): number {
  return Math.max(0, value);
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { predictTrees } from "../../../../../functions/core/train/trees/predict-trees.ts";
import { trainTrees } from "../../../../../functions/core/train/trees/train-trees.ts";
import type {
  Tree,
  TreeEnsemble,
  TreeTarget,
} from "../../../../../functions/core/train/trees/tree-ensemble.ts";
import { writeTreesOnnx } from "../../../../../functions/core/train/trees/write-trees-onnx.ts";
import { listOperators } from "../../../../../scripts/onnx/describe-model.ts";
import { seededRandom } from "../../../../../scripts/onnx/random.ts";
import { randomDataset, randomFeatureCount, rowsOf } from "./random-dataset.ts";
import { runOnnx } from "./run-onnx.ts";

const targets = ["regression", "binary", "multiclass"] as const;
const tolerance = 1e-6;

describe("the ONNX model predicts what the trainer does", () => {
  it.each(targets)(
    "for %s, on any row: gaps, infinities, values on a threshold and beside it",
    async (target) => {
      const property = fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const { ensemble } = await trainTrees(randomDataset({ target, rowCount: 400, seed }), {
          target,
          classCount: target === "multiclass" ? 3 : 2,
          trees: 20,
          depth: 5,
          learningRate: 0.3,
        });
        const rows = nastyRows(ensemble, seed);
        await expectEqual(ensemble, rows);
      });
      await fc.assert(property, { numRuns: 15 });
    },
  );

  it.each(targets)("for %s, with the label of the likeliest class", async (target) => {
    const dataset = randomDataset({ target, rowCount: 500, seed: 3 });
    const { ensemble } = await trainTrees(dataset, {
      target,
      classCount: target === "multiclass" ? 3 : 2,
      trees: 10,
    });
    const { label } = await runOnnx(writeTreesOnnx(ensemble), rowsOf(dataset), randomFeatureCount);
    if (target === "regression") return expect(label).toBeUndefined();
    const probabilities = predictTrees(ensemble, rowsOf(dataset));
    const wrong = Array.from(label!, Number).filter((each, row) => {
      if (target === "binary") return each !== Number(probabilities[row]! > 0.5);
      const own = probabilities.subarray(3 * row, 3 * row + 3);
      return own[each] !== Math.max(...own);
    });
    expect(wrong).toEqual([]);
  });

  it("with more categories than bins", async () => {
    const random = seededRandom(12);
    const codes = Float32Array.from({ length: 12_000 }, () => random.integer(1500) * 3 - 700);
    const labels = codes.map((code) => Number((code * code) % 101 > 50));
    const dataset = { rowCount: codes.length, columns: [codes], labels, categorical: [0] };
    const options = { target: "binary", trees: 20, learningRate: 0.5 } as const;
    const { ensemble, report } = await trainTrees(dataset, options);
    expect(report.trainingLoss).toBeLessThan(0.2);
    const asNumbers = await trainTrees({ ...dataset, categorical: [] }, options);
    expect(asNumbers.report.trainingLoss).toBeGreaterThan(0.5);
    // Every tenth is one that was never seen.
    await expectEqual(
      ensemble,
      codes.map((code, row) => (row % 10 === 0 ? code + 1 : code)),
    );
  });

  it("where every leaf is positive, or none", async () => {
    for (const [value, base] of [
      [0.25, 1],
      [0.2, 0],
      [0.2, -1],
      [0, 1],
      [-0.25, 0.3],
    ] as const) {
      const ensemble = oneSplit({ values: [0.5, value, 2 * value], base });
      const rows = Float32Array.of(0.25, 0.5, 0.75, Number.NaN);
      const { probabilities, label } = await runOnnx(writeTreesOnnx(ensemble), rows, 1);
      const expected = [value, value, 2 * value, 2 * value].map((sum) => 1 / (1 + Math.exp(-base - sum)));
      expected.forEach((probability, row) => {
        expect(probabilities![2 * row + 1]).toBeCloseTo(probability, 6);
        expect(probabilities![2 * row]).toBeCloseTo(1 - probability, 6);
        expect(Number(label![row])).toBe(Number(probability > 0.5));
      });
    }
  });

  it("where the only thing that is known is whether a value is missing", async () => {
    const ensemble = oneSplit({ values: [Infinity, 1, -1], base: 0 });
    const rows = Float32Array.of(-Infinity, 0, 3.4e38, Infinity, Number.NaN);
    const { probabilities } = await runOnnx(writeTreesOnnx(ensemble), rows, 1);
    const likely = Array.from({ length: 5 }, (_, row) => Number(probabilities![2 * row + 1]) > 0.5);
    expect(likely).toEqual([true, true, true, true, false]);
    await expectEqual(ensemble, rows);
  });
});

describe("the ONNX model", () => {
  it("is the same bytes for equal trees", async () => {
    const dataset = randomDataset({ target: "binary", rowCount: 300, seed: 5 });
    const first = await trainTrees(dataset, { target: "binary", trees: 5 });
    const second = await trainTrees(dataset, { target: "binary", trees: 5 });
    expect(Buffer.from(writeTreesOnnx(first.ensemble)).equals(writeTreesOnnx(second.ensemble))).toBe(true);
  });

  it("is one operator without categories, and looks ranks up with them", async () => {
    const operatorsOf = async (isCategorical: boolean) => {
      const dataset = randomDataset({ target: "binary", rowCount: 300, seed: 5, isCategorical });
      const { ensemble } = await trainTrees(dataset, { target: "binary", trees: 5 });
      return listOperators(writeTreesOnnx(ensemble)).map(({ opType }) => opType);
    };
    expect(await operatorsOf(false)).toEqual(["TreeEnsembleClassifier"]);
    expect((await operatorsOf(true)).sort()).toEqual([
      "Concat",
      "Gather",
      "LabelEncoder",
      "TreeEnsembleClassifier",
    ]);
  });
});

async function expectEqual(ensemble: TreeEnsemble, rows: Float32Array): Promise<void> {
  const own = predictTrees(ensemble, rows);
  const outputs = await runOnnx(writeTreesOnnx(ensemble), rows, ensemble.featureCount);
  const theirs = theirsAs(ensemble.target, outputs);
  const scale = ensemble.target === "regression" ? Math.max(1, ...own.map(Math.abs)) : 1;
  const worst = own.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
  expect(theirs.length).toBe(own.length);
  expect(worst / scale).toBeLessThanOrEqual(tolerance);
}

function theirsAs(
  target: TreeTarget,
  { variable, probabilities }: Awaited<ReturnType<typeof runOnnx>>,
): Float32Array {
  if (target === "regression") return variable as Float32Array;
  const all = probabilities as Float32Array;
  return target === "binary" ? all.filter((_, i) => i % 2 === 1) : all;
}

/** Rows of what trees can stumble on: thresholds and their neighbours in single precision, gaps, infinities, unknown categories. */
function nastyRows({ trees, featureCount }: TreeEnsemble, seed: number): Float32Array {
  const random = seededRandom(seed + 1);
  const values = Array.from({ length: featureCount }, (_, feature) => {
    const thresholds = trees.flatMap((tree) =>
      [...tree.values].filter((_, node) => tree.features[node] === feature),
    );
    const near = thresholds.flatMap((threshold) => [threshold, nextAbove(threshold), -nextAbove(-threshold)]);
    return [...near, Number.NaN, Infinity, -Infinity, 0, -0, 14, 14.5, 35, -1, 1e30, 3.4e38, 1e-40];
  });
  return Float32Array.from({ length: 300 * featureCount }, (_, i) => {
    const some = values[i % featureCount]!;
    return some[random.integer(some.length)]!;
  });
}

/** The next greater number of single precision. */
function nextAbove(value: number): number {
  if (value === 0) return 2 ** -149;
  const bits = new Int32Array(Float32Array.of(value).buffer);
  bits[0]! += value > 0 ? 1 : -1;
  return new Float32Array(bits.buffer)[0]!;
}

/** A tree of one split; what is missing goes right. @param values - threshold, left leaf, right leaf */
function oneSplit({ values, base }: { values: [number, number, number]; base: number }): TreeEnsemble {
  const tree: Tree = {
    features: Int32Array.of(0, -1, -1),
    values: Float32Array.from(values),
    left: Int32Array.of(1, 0, 0),
    right: Int32Array.of(2, 0, 0),
    missingLeft: Uint8Array.of(0, 0, 0),
  };
  return {
    target: "binary",
    featureCount: 1,
    categories: [],
    baseMargins: Float32Array.of(base),
    trees: [tree],
  };
}

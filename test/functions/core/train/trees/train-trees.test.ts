import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { predictTrees } from "../../../../../functions/core/train/trees/predict-trees.ts";
import { trainTrees } from "../../../../../functions/core/train/trees/train-trees.ts";
import type { TreeDataset } from "../../../../../functions/core/train/trees/tree-dataset.ts";
import type { TreeOptions } from "../../../../../functions/core/train/trees/tree-options.ts";
import { writeTreesOnnx } from "../../../../../functions/core/train/trees/write-trees-onnx.ts";
import { seededRandom } from "../../../../../scripts/onnx/random.ts";
import { logLossOf } from "./quality.ts";
import { randomDataset, rowsOf } from "./random-dataset.ts";

const gap = Number.NaN;
/** One tree that learns all it can at once. */
const greedy = { trees: 1, learningRate: 1, lambda: 0, minChildWeight: 0 } as const;

describe("a tree", () => {
  it("gives each side the mean of its labels", async () => {
    const dataset = oneColumn([1, 2, 3, 4], [0, 2, 10, 12]);
    expect(await predict(dataset, { target: "regression", ...greedy, depth: 1 }, [1, 2.4, 2.6, 9])).toEqual([
      1, 1, 11, 11,
    ]);
    expect(await predict(dataset, { target: "regression", ...greedy, depth: 2 }, [1, 2, 3, 4])).toEqual([
      0, 2, 10, 12,
    ]);
  });

  it("shrinks leaves by lambda and the learning rate", async () => {
    const dataset = oneColumn([1, 1, 2, 2], [0, 0, 12, 12]);
    const options = { target: "regression", ...greedy, depth: 1, lambda: 1, learningRate: 0.5 } as const;
    // Two residuals of 6 over 2 + lambda, halved: 2 either side of the mean of 6.
    expect(await predict(dataset, options, [1, 2])).toEqual([4, 8]);
  });

  it("has no split whose gain is below gamma, or with too little on a side", async () => {
    const dataset = oneColumn([1, 2, 3, 4], [0, 0, 0, 4]);
    const options = { target: "regression", ...greedy, depth: 1 } as const;
    // Residuals of -1, -1, -1 and 3: 9 / 3 + 9 / 1 - 0 = 12.
    expect(await predict(dataset, { ...options, gamma: 11.9 }, [1, 4])).toEqual([0, 4]);
    expect(await predict(dataset, { ...options, gamma: 12.1 }, [1, 4])).toEqual([1, 1]);
    expect(await predict(dataset, { ...options, minChildWeight: 2 }, [2, 3])).toEqual([0, 2]);
  });

  it("sends what is missing where that is better, whatever the values", async () => {
    const options = { target: "regression", ...greedy, depth: 1 } as const;
    const low = oneColumn([1, 2, 3, 4, gap, gap], [0, 0, 6, 6, 0, 0]);
    expect(await predict(low, options, [1, 4, gap])).toEqual([0, 6, 0]);
    const high = oneColumn([1, 2, 3, 4, gap, gap], [0, 0, 6, 6, 6, 6]);
    expect(await predict(high, options, [1, 4, gap])).toEqual([0, 6, 6]);
    const apart = oneColumn([1, 2, 3, 4, gap, gap], [0, 0, 0, 0, 6, 6]);
    expect(await predict(apart, options, [1, Infinity, gap])).toEqual([0, 0, 6]);
  });

  it("sends what was never missing in training to the heavier side", async () => {
    const options = { target: "regression", ...greedy, depth: 1 } as const;
    expect(await predict(oneColumn([1, 2, 3], [0, 0, 6]), options, [gap])).toEqual([0]);
    expect(await predict(oneColumn([1, 2, 3], [0, 6, 6]), options, [gap])).toEqual([6]);
  });

  it("splits at the root where no other split of any feature gains more", async () => {
    const value = fc.constantFrom(-2, -1, -0.5, 0, 1, 3, Infinity, -Infinity, gap);
    const row = fc.tuple(value, value, value, fc.integer({ min: -9, max: 9 }));
    const property = fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 40 }), async (rows) => {
      const dataset: TreeDataset = {
        rowCount: rows.length,
        columns: [0, 1, 2].map((i) => Float32Array.from(rows, (each) => each[i]!)),
        labels: Float32Array.from(rows, (each) => each[3]),
      };
      const { report } = await trainTrees(dataset, { target: "regression", ...greedy, depth: 1 });
      expect(report.trainingLoss).toBeCloseTo(leastSquaredError(rows), 3);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe("categories", () => {
  const target = "regression";

  it("are parted as any set by one split", async () => {
    const codes = [0, 1, 2, 3, 4, 5].flatMap((code) => new Array<number>(10).fill(code));
    const dataset = oneColumn(
      codes,
      codes.map((code) => ([1, 3, 4].includes(code) ? 8 : 2)),
    );
    const options = { target, ...greedy, depth: 1 } as const;
    expect(await predict({ ...dataset, categorical: [0] }, options, [0, 1, 2, 3, 4, 5])).toEqual([
      2, 8, 2, 8, 8, 2,
    ]);
    expect(await predict(dataset, options, [0, 1, 2, 3, 4, 5])).not.toEqual([2, 8, 2, 8, 8, 2]);
  });

  it("count as missing when they are unknown, or too rare to have been learned", async () => {
    const codes = [...new Array<number>(20).fill(1), ...new Array<number>(20).fill(2), 3, 3, gap, gap, gap];
    const labels = codes.map((code) => (code === 1 ? 0 : code === 2 ? 4 : 9));
    const dataset = { ...oneColumn(codes, labels), categorical: [0] };
    const options = { target, ...greedy, depth: 2 } as const;
    expect(await predict(dataset, options, [1, 2, 3, gap, 1.5, -7])).toEqual([0, 4, 9, 9, 9, 9]);
  });

  it("of several classes are ordered along the shares that differ most", async () => {
    // Class 2 is evenly spread; which of 0 and 1 a category has, is what tells categories apart.
    const random = seededRandom(4);
    const codes = Array.from({ length: 600 }, () => random.integer(6));
    const labels = codes.map((code) => (random.uniform() < 0.2 ? 2 : Number([0, 2, 5].includes(code))));
    const dataset = { ...oneColumn(codes, labels), categorical: [0] };
    const { ensemble } = await trainTrees(dataset, {
      target: "multiclass",
      classCount: 3,
      trees: 20,
      depth: 1,
      learningRate: 0.5,
    });
    const probabilities = predictTrees(ensemble, Float32Array.of(0, 1, 2, 3, 4, 5));
    const likeliest = Array.from({ length: 6 }, (_, row) => {
      const own = [...probabilities.subarray(3 * row, 3 * row + 3)];
      return own.indexOf(Math.max(...own));
    });
    expect(likeliest).toEqual([1, 0, 1, 0, 0, 1]);
  });
});

describe("weights", () => {
  it("count a row as often as they say", async () => {
    const dataset = randomDataset({ target: "binary", rowCount: 200, seed: 2, isCategorical: false });
    const weights = Float32Array.from(dataset.labels, (label) => (label === 1 ? 3 : 1));
    const order = [...dataset.labels].flatMap((label, row) =>
      new Array<number>(label === 1 ? 3 : 1).fill(row),
    );
    const repeated: TreeDataset = {
      rowCount: order.length,
      columns: dataset.columns.map((column) => Float32Array.from(order, (row) => column[row]!)),
      labels: Float32Array.from(order, (row) => dataset.labels[row]!),
    };
    const options = { target: "binary", trees: 10, depth: 3 } as const;
    const weighted = await trainTrees({ ...dataset, weights }, options);
    const plain = await trainTrees(repeated, options);
    expect(weighted.report.trainingLoss).toBeCloseTo(plain.report.trainingLoss, 5);
    const rows = rowsOf(dataset);
    const worst = worstDifference(predictTrees(weighted.ensemble, rows), predictTrees(plain.ensemble, rows));
    expect(worst).toBeLessThan(1e-5);
  });
});

describe("early stopping", () => {
  const options = {
    target: "binary",
    trees: 300,
    learningRate: 0.3,
    earlyStopping: { rounds: 10, holdoutShare: 0.25 },
  } as const;

  it("keeps the trees of the best round on the newest rows", async () => {
    const dataset = timed(randomDataset({ target: "binary", rowCount: 800, seed: 8 }));
    const { ensemble, report } = await trainTrees(dataset, options);
    expect(report).toMatchObject({ rows: 600, holdoutRows: 200 });
    expect(report.rounds).toBeLessThan(300);
    expect(report.rounds - report.bestRound).toBe(10);
    expect(report.holdoutLosses).toHaveLength(report.rounds);
    expect(report.holdoutLosses[report.bestRound - 1]).toBe(Math.min(...report.holdoutLosses));
    expect(ensemble.trees).toHaveLength(report.bestRound);

    const newest = Array.from({ length: 800 }, (_, row) => row).filter(
      (row) => dataset.timesMs![row]! >= 600,
    );
    const held = {
      rowCount: 200,
      columns: dataset.columns.map((column) => Float32Array.from(newest, (row) => column[row]!)),
      labels: Float32Array.from(newest, (row) => dataset.labels[row]!),
    };
    const loss = logLossOf(predictTrees(ensemble, rowsOf(held)), held.labels);
    expect(loss).toBeCloseTo(Math.min(...report.holdoutLosses), 5);
  });

  it("learns nothing from the rows held out", async () => {
    const dataset = timed(randomDataset({ target: "binary", rowCount: 800, seed: 8 }));
    const turned = Float32Array.from(dataset.labels, (label, row) =>
      dataset.timesMs![row]! >= 600 ? 1 - label : label,
    );
    const fixed = { ...options, trees: 5 };
    const model = async (each: TreeDataset) =>
      Buffer.from(writeTreesOnnx((await trainTrees(each, fixed)).ensemble));
    const first = await trainTrees({ ...dataset, labels: turned }, fixed);
    // Worse from the first round on, which is then the best; its trees are the same.
    expect(first.report.bestRound).toBe(1);
    const one = await trainTrees(dataset, { ...fixed, trees: 1 });
    expect(Buffer.from(writeTreesOnnx(first.ensemble)).equals(writeTreesOnnx(one.ensemble))).toBe(true);
    expect((await model(dataset)).equals(writeTreesOnnx(first.ensemble))).toBe(false);
  });

  it("goes by the holdout that it is given, if there is one", async () => {
    const dataset = randomDataset({ target: "binary", rowCount: 600, seed: 8 });
    const holdout = randomDataset({ target: "binary", rowCount: 200, seed: 9 });
    const { ensemble, report } = await trainTrees(dataset, options, { holdout });
    expect(report).toMatchObject({ rows: 600, holdoutRows: 200 });
    expect(report.rounds - report.bestRound).toBe(10);
    const loss = logLossOf(predictTrees(ensemble, rowsOf(holdout)), holdout.labels);
    expect(loss).toBeCloseTo(Math.min(...report.holdoutLosses), 5);
    // Without early stopping it only measures.
    const all = await trainTrees(dataset, { target: "binary", trees: 5 }, { holdout });
    expect(all.report).toMatchObject({ rounds: 5, bestRound: 5 });
    expect(all.report.holdoutLosses).toHaveLength(5);

    const narrow = {
      ...holdout,
      columns: holdout.columns.slice(1),
      categorical: [],
      labels: new Float32Array(3),
    };
    await expect(trainTrees(dataset, options, { holdout: narrow })).rejects.toThrow(
      "training rows: holdout labels: got 3 elements, expected 200, one per row; holdout columns: got 4, expected 5, as in training",
    );
  });

  /** Times from 0 to `rowCount - 1`, shuffled. */
  function timed(dataset: TreeDataset): TreeDataset {
    const random = seededRandom(6);
    const order = Array.from({ length: dataset.rowCount }, (_, row) => ({ row, key: random.uniform() }));
    order.sort((a, b) => a.key - b.key);
    return { ...dataset, timesMs: Float64Array.from(order, ({ row }) => row) };
  }
});

describe("training", () => {
  it("is the same again with the same seed, and another with another, where rows and columns are drawn", async () => {
    const dataset = randomDataset({ target: "binary", rowCount: 500, seed: 1 });
    const model = async (seed: number) => {
      const options = { target: "binary", trees: 5, subsample: 0.5, columnSample: 0.6, seed } as const;
      return Buffer.from(writeTreesOnnx((await trainTrees(dataset, options)).ensemble));
    };
    expect((await model(1)).equals(await model(1))).toBe(true);
    expect((await model(1)).equals(await model(2))).toBe(false);
  });

  it("adds the trees to the rows that they were not grown on too", async () => {
    const dataset = randomDataset({ target: "binary", rowCount: 500, seed: 1 });
    const { ensemble, report } = await trainTrees(dataset, { target: "binary", trees: 20, subsample: 0.3 });
    const loss = logLossOf(predictTrees(ensemble, rowsOf(dataset)), dataset.labels);
    expect(loss).toBeCloseTo(report.trainingLoss, 5);
  });

  it("tells of every round, waits for who listens, and measures itself by the clock given", async () => {
    const dataset = randomDataset({ target: "regression", rowCount: 100, seed: 1 });
    const rounds: unknown[] = [];
    let nowMs = 1000;
    const { report } = await trainTrees(
      dataset,
      { target: "regression", trees: 3 },
      {
        async onProgress(progress) {
          await Promise.resolve();
          rounds.push(progress);
          nowMs += 500;
        },
        nowMs: () => nowMs,
      },
    );
    expect(rounds).toEqual([1, 2, 3].map((round) => ({ round, rounds: 3, holdoutLoss: undefined })));
    expect(report).toMatchObject({ rounds: 3, bestRound: 3, seconds: 1.5, holdoutLosses: [] });
  });

  it("learns a teacher's probabilities", async () => {
    const dataset = oneColumn([1, 1, 2, 2], [0.2, 0.2, 0.9, 0.9]);
    const options = {
      target: "binary",
      trees: 100,
      learningRate: 0.5,
      depth: 1,
      lambda: 0,
      minChildWeight: 0,
    } as const;
    const [low, high] = await predict(dataset, options, [1, 2]);
    expect(low).toBeCloseTo(0.2, 3);
    expect(high).toBeCloseTo(0.9, 3);
  });

  it.each<[string, Partial<TreeDataset>, Partial<TreeOptions>]>([
    ["column 0: got 3 elements, expected 4", { columns: [Float32Array.of(1, 2, 3)] }, {}],
    ["columns: got none", { columns: [] }, {}],
    ["labels: got NaN, expected 0 to 1", { labels: Float32Array.of(0, gap, 1, 1) }, {}],
    ["labels: got 1 only, expected at least two classes", { labels: Float32Array.of(1, 1, 1, 1) }, {}],
    [
      "labels: got 3, expected whole numbers from 0 to 2",
      { labels: Float32Array.of(0, 1, 2, 3) },
      { target: "multiclass", classCount: 3 },
    ],
    [
      "labels: got Infinity, expected finite numbers",
      { labels: Float32Array.of(0, 1, 2, Infinity) },
      { target: "regression" },
    ],
    ["weights: got -1", { weights: Float32Array.of(1, 1, -1, 1) }, {}],
    ["weights: got 0 only", { weights: new Float32Array(4) }, {}],
    ["times: got none", {}, { earlyStopping: { rounds: 5 } }],
    ["categorical: got feature 1, expected 0 to 0", { categorical: [1] }, {}],
    [
      "rows: got 1, expected at least 2",
      { rowCount: 1, columns: [Float32Array.of(1)], labels: Float32Array.of(1) },
      {},
    ],
  ])("refuses rows that it cannot learn from: %s", async (message, change, options) => {
    const dataset = { ...oneColumn([1, 2, 3, 4], [0, 1, 0, 1]), ...change };
    const training = trainTrees(dataset, { target: "binary", trees: 1, ...options });
    await expect(training).rejects.toThrow(message);
    await expect(training).rejects.toMatchObject({ name: "InputError" });
  });

  it("refuses options out of range, and names each", async () => {
    const training = trainTrees(oneColumn([1, 2], [0, 1]), {
      target: "binary",
      depth: 13,
      learningRate: 0,
      trees: 2.5,
      earlyStopping: { rounds: 0 },
    });
    await expect(training).rejects.toThrow(
      "trees: trees: got 2.5, expected a whole number from 1 to 10000; depth: got 13, expected a whole number from 1 to 12; " +
        "learningRate: got 0, expected a number above 0 to 1; earlyStopping.rounds: got 0, expected a whole number from 1 to 10000",
    );
    await expect(training).rejects.toMatchObject({ name: "ConfigError", code: "config.model" });
  });
});

function oneColumn(values: readonly number[], labels: readonly number[]): TreeDataset {
  return { rowCount: values.length, columns: [Float32Array.from(values)], labels: Float32Array.from(labels) };
}

/** Rounded to single precision's digits. */
async function predict(
  dataset: TreeDataset,
  options: TreeOptions,
  rows: readonly number[],
): Promise<number[]> {
  const { ensemble } = await trainTrees(dataset, options);
  return Array.from(
    predictTrees(ensemble, Float32Array.from(rows)),
    (value) => Math.round(value * 1e5) / 1e5,
  );
}

/** The mean squared error that the best single split leaves, by trying every one: rows of three values and a label. */
function leastSquaredError(rows: readonly (readonly [number, number, number, number])[]): number {
  const errorOf = (part: readonly (readonly number[])[]) => {
    const mean = part.reduce((sum, row) => sum + row[3]!, 0) / part.length;
    return part.reduce((sum, row) => sum + (row[3]! - mean) ** 2, 0);
  };
  const errors = [0, 1, 2].flatMap((i) =>
    rows
      .map((row) => row[i]!)
      .flatMap((threshold) =>
        [true, false].map((isMissingLeft) => {
          const goesLeft = (value: number) =>
            Number.isNaN(value) ? isMissingLeft : Number.isNaN(threshold) || value <= threshold;
          const left = rows.filter((row) => goesLeft(row[i]!));
          const right = rows.filter((row) => !goesLeft(row[i]!));
          return left.length === 0 || right.length === 0 ? Infinity : errorOf(left) + errorOf(right);
        }),
      ),
  );
  return Math.min(errorOf(rows), ...errors) / rows.length;
}

function worstDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

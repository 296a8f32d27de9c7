import { describe, expect, it } from "vitest";
import { createOrtEngine } from "../../../../functions/adapters/onnx/ort-engine.ts";
import { type ExampleTable, splitByTime } from "../../../../scripts/train/example-table.ts";
import { trainLogistic } from "../../../../scripts/train/logistic/train-logistic.ts";
import { madeExamples, terms } from "./example-table.ts";

const table = madeExamples(3_000);
const holdoutFromMs = table.timesMs[2_000]!;
const options = { terms, holdoutFromMs, l2: 1 };

/** By ONNX Runtime: the probability of yes. */
async function run(model: Uint8Array, { values, features }: Pick<ExampleTable, "values" | "features">) {
  const session = await createOrtEngine({ memoryMiB: 1769 }).createSession(model);
  try {
    const shape = [values.length / features.length, features.length];
    const { probabilities } = await session.run({ features: { type: "float32", shape, data: values } }, [
      "probabilities",
    ]);
    return probabilities!.data as Float32Array;
  } finally {
    await session.release();
  }
}

describe("trainLogistic", () => {
  it("finds what is in the data: a holdout is ranked much better than by chance, and near as well as the training", () => {
    const { training, holdout, isConverged } = trainLogistic(table, options);

    expect(isConverged).toBe(true);
    expect([training.count, holdout.count]).toEqual([2_000, 1_000]);
    expect(holdout.auc).toBeGreaterThan(0.78);
    expect(Math.abs(holdout.auc! - training.auc!)).toBeLessThan(0.03);
    expect(holdout.logLoss).toBeLessThan(0.58);
    expect(holdout.baseRate).toBeCloseTo(
      table.labels.slice(2_000).filter((label) => label === 1).length / 1_000,
      12,
    );
  });

  it("learns nothing from the holdout", () => {
    const labels = table.labels.map((label, row) => (row >= 2_000 ? 1 - label : label));

    const flipped = trainLogistic({ ...table, labels }, options);

    expect(flipped.model).toEqual(trainLogistic(table, options).model);
    expect(flipped.holdout.auc).toBeLessThan(0.5);
  });

  it("gives the same bytes for the same examples, and others for others", () => {
    const model = () => trainLogistic(table, options).model;

    expect(model()).toEqual(model());
    expect(trainLogistic(madeExamples(3_000, 4), options).model).not.toEqual(model());
  });

  it("writes a model that ONNX Runtime runs to the same probabilities", async () => {
    const { model, predict } = trainLogistic(table, options);
    const { after } = splitByTime(table, holdoutFromMs);

    const got = await run(model, after);

    const expected = predict(after);
    expect(got).toHaveLength(2_000);
    expected.forEach((probability, row) => {
      expect(Math.abs(got[2 * row + 1]! - probability)).toBeLessThan(1e-6);
      expect(got[2 * row]! + got[2 * row + 1]!).toBeCloseTo(1, 6);
    });
  });

  it("takes categories that it has no weight for as unknown, whatever the number", async () => {
    const { model, predict } = trainLogistic(table, options);
    const columns = [-1, 3, 1e9, -1e9, 1.5].map((odd) => [odd, 10, odd, 0, 500]);
    const odd = {
      features: table.features,
      count: columns.length,
      values: Float32Array.from(columns.flat()),
      labels: new Uint8Array(columns.length),
      timesMs: new Float64Array(columns.length),
    };

    const got = await run(model, odd);

    [...predict(odd)].forEach((probability, row) => {
      expect(got[2 * row + 1]).toBeCloseTo(probability, 5);
    });
  });

  it("does without numbers, and without categories", async () => {
    for (const some of [
      { ...terms, numbers: [] },
      { ...terms, categories: [] },
    ]) {
      const { model, predict } = trainLogistic(table, { ...options, terms: some });
      const got = await run(model, table);
      const worst = predict(table).reduce(
        (most, each, row) => Math.max(most, Math.abs(each - got[2 * row + 1]!)),
        0,
      );
      expect(worst).toBeLessThan(1e-6);
    }
  });

  it("says that nothing is left to learn from", () => {
    expect(() => trainLogistic(table, { ...options, holdoutFromMs: 0 })).toThrow(
      "no example before 1970-01-01T00:00:00.000Z; begin the holdout later",
    );
  });
});

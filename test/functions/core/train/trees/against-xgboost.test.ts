import { describe, expect, it } from "vitest";
import { predictTrees } from "../../../../../functions/core/train/trees/predict-trees.ts";
import { trainTrees } from "../../../../../functions/core/train/trees/train-trees.ts";
import { writeTreesOnnx } from "../../../../../functions/core/train/trees/write-trees-onnx.ts";
import { aucOf, logLossOf, rmseOf } from "./quality.ts";
import { rowsOf } from "./random-dataset.ts";
import { runOnnx } from "./run-onnx.ts";
import { readXgboostTable, type XgboostTable } from "./xgboost-tables.ts";

/** Of AUC and log-loss, on the same rows with the same depth, trees and learning rate. */
const allowed = 0.003;

describe("trees against XGBoost's (hist) on the same rows", () => {
  it.each(["flights", "diamonds-ideal", "digits"])("are as good on the holdout of %s", async (name) => {
    const table = await readXgboostTable(name);
    const { holdout, predicted, xgboost } = table;
    // The measures themselves are first held to scikit-learn's.
    expect(aucOf(predicted, holdout.labels)).toBeCloseTo(xgboost.auc!, 6);
    expect(logLossOf(predicted, holdout.labels)).toBeCloseTo(xgboost.logLoss!, 5);

    const own = await trainAndPredict(table);
    expect(Math.abs(aucOf(own, holdout.labels) - xgboost.auc!)).toBeLessThan(allowed);
    expect(Math.abs(logLossOf(own, holdout.labels) - xgboost.logLoss!)).toBeLessThan(allowed);
  });

  it("are as good at a number: the price of diamonds", async () => {
    const table = await readXgboostTable("diamonds-price");
    const { holdout, predicted, xgboost } = table;
    expect(rmseOf(predicted, holdout.labels)).toBeCloseTo(xgboost.rmse!, 6);
    const own = await trainAndPredict(table);
    // Of a logarithm, so relative to the price.
    expect(Math.abs(rmseOf(own, holdout.labels) - xgboost.rmse!)).toBeLessThan(allowed);
  });

  it("are XGBoost's own trees, where the bins are the same: every class of every digit", async () => {
    const table = await readXgboostTable("digits");
    const own = await trainAndPredict(table);
    const worst = own.reduce((most, value, i) => Math.max(most, Math.abs(value - table.predicted[i]!)), 0);
    expect(worst).toBeLessThan(1e-5);
  });
});

describe("the ONNX model of the flights", () => {
  it("equals the trainer's own prediction of every holdout row to 1e-6", async () => {
    const table = await readXgboostTable("flights");
    const { ensemble } = await trainTrees(table.training, table);
    const rows = rowsOf(table.holdout);
    const own = predictTrees(ensemble, rows);
    const { probabilities } = await runOnnx(writeTreesOnnx(ensemble), rows, table.features.length);
    const worst = own.reduce(
      (most, value, row) => Math.max(most, Math.abs(value - Number(probabilities![2 * row + 1]))),
      0,
    );
    expect(worst).toBeLessThanOrEqual(1e-6);
  });
});

async function trainAndPredict({ training, holdout, ...options }: XgboostTable): Promise<Float32Array> {
  const { target, classCount, trees, depth, learningRate } = options;
  const { ensemble } = await trainTrees(training, { target, classCount, trees, depth, learningRate });
  return predictTrees(ensemble, rowsOf(holdout));
}

import { auc } from "../../summary/auc.ts";
import { logLoss } from "../../summary/log-loss.ts";
import { type ExampleTable, splitByTime } from "../example-table.ts";
import { type FitOptions, fitLogistic, logOdds } from "./fit-logistic.ts";
import { logisticOnnx } from "./logistic-onnx.ts";
import { logisticRows, standardsOf } from "./logistic-rows.ts";
import type { LogisticTerms } from "./logistic-terms.ts";

export interface TrainOptions extends FitOptions {
  readonly terms: LogisticTerms;
  /** Examples of events from this time on are held out, epoch milliseconds. */
  readonly holdoutFromMs: number;
}

export interface Quality {
  readonly count: number;
  /** Share of positives; `undefined` without rows, as the others are. */
  readonly baseRate: number | undefined;
  readonly auc: number | undefined;
  /** In nats. */
  readonly logLoss: number | undefined;
}

export interface Trained {
  /** The model as ONNX; its input has the examples' columns in their order. */
  readonly model: Uint8Array;
  readonly iterations: number;
  readonly isConverged: boolean;
  readonly training: Quality;
  readonly holdout: Quality;
  /** Probability of yes for each row, in double precision. */
  readonly predict: (table: ExampleTable) => Float64Array;
}

/** Train a logistic regression on the examples before the holdout and measure it on both sides. Deterministic. */
export function trainLogistic(
  examples: ExampleTable,
  { terms, holdoutFromMs, ...options }: TrainOptions,
): Trained {
  const { before, after } = splitByTime(examples, holdoutFromMs);
  if (before.count === 0)
    throw new Error(`no example before ${new Date(holdoutFromMs).toISOString()}; begin the holdout later`);
  const standards = standardsOf(before, terms);
  const fit = fitLogistic(logisticRows(before, terms, standards), options);
  const predict = (table: ExampleTable) =>
    logOdds(logisticRows(table, terms, standards), fit).map((score) => 1 / (1 + Math.exp(-score)));
  return {
    model: logisticOnnx({ features: examples.features, terms, standards, weights: fit }),
    iterations: fit.iterations,
    isConverged: fit.isConverged,
    training: qualityOf(before, predict(before)),
    holdout: qualityOf(after, predict(after)),
    predict,
  };
}

function qualityOf({ count, labels }: ExampleTable, probabilities: Float64Array): Quality {
  const rows = Array.from(probabilities, (probability, i) => ({
    probability,
    score: probability,
    late: labels[i] === 1,
  }));
  return {
    count,
    baseRate: count === 0 ? undefined : labels.reduce((sum, label) => sum + label, 0) / count,
    auc: auc(rows),
    logLoss: logLoss(rows),
  };
}

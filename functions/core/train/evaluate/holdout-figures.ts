import type { TrainingManifest } from "../../../contract/training-data.ts";
import { addCalibration, calibrationError, emptyCalibration } from "../../outcome/accuracy/calibration.ts";
import { brierOf } from "../../outcome/accuracy/class-accuracy.ts";
import { logLossOf } from "../../outcome/accuracy/losses.ts";
import { rankedAuc } from "./ranked-auc.ts";

/** How good a version is on held-out rows. */
export interface HoldoutFigures {
  readonly rows: number;
  /** Mean log-loss in nats; for numbers the root mean squared error. What the gates compare. */
  readonly loss: number;
  /** Mean squared difference between scores and truth, over classes summed. */
  readonly brier: number;
  /** Of a yes or no. */
  readonly auc: number | undefined;
  /** Expected calibration error; undefined for numbers. */
  readonly calibration: number | undefined;
  /** Standard deviation of the AUC of scores that say nothing of these labels. */
  readonly chanceDeviation: number | undefined;
  /** Of a row, at the median. */
  readonly latencyUs: number;
  /** Of model.onnx. */
  readonly sizeBytes: number;
}

export interface HoldoutScores {
  /** Per row one score, or one per class; row-major. */
  readonly scores: Float32Array;
  /** Scores of a row. */
  readonly width: number;
  readonly labels: Float32Array;
}

/**
 * Measure scores against labels: the probability of yes, one per class, or the number itself.
 *
 * Losses are those of the accuracy that is measured live.
 */
export function holdoutFigures(
  { scores, width, labels }: HoldoutScores,
  kind: TrainingManifest["label"]["kind"],
): Omit<HoldoutFigures, "latencyUs" | "sizeBytes"> {
  const rows = labels.length;
  if (kind === "number") {
    let squares = 0;
    for (let i = 0; i < rows; i++) squares += (scores[i]! - labels[i]!) ** 2;
    const brier = squares / rows;
    const none = { auc: undefined, calibration: undefined, chanceDeviation: undefined };
    return { rows, loss: Math.sqrt(brier), brier, ...none };
  }
  const calibration = emptyCalibration();
  let [losses, squares] = [0, 0];
  for (let i = 0; i < rows; i++) {
    if (kind === "binary") {
      const isYes = labels[i] === 1;
      losses += logLossOf(scores[i]!, isYes);
      squares += (scores[i]! - labels[i]!) ** 2;
      addCalibration(calibration, scores[i]!, isYes);
      continue;
    }
    const row = [...scores.subarray(i * width, (i + 1) * width)];
    losses += logLossOf(row[labels[i]!]!, true);
    squares += brierOf(row, labels[i]!);
    const top = row.indexOf(Math.max(...row));
    addCalibration(calibration, row[top]!, top === labels[i]);
  }
  return {
    rows,
    loss: losses / rows,
    brier: squares / rows,
    auc: kind === "binary" ? rankedAuc(scores, labels) : undefined,
    calibration: calibrationError(calibration),
    chanceDeviation: kind === "binary" ? chanceDeviation(labels) : undefined,
  };
}

/** @see Mann and Whitney, 1947: the variance of U where both come from one distribution */
function chanceDeviation(labels: Float32Array): number | undefined {
  const positives = labels.reduce((sum, label) => sum + (label === 1 ? 1 : 0), 0);
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return Math.sqrt((labels.length + 1) / (12 * positives * negatives));
}

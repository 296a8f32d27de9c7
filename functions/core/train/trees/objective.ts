import type { TreeTarget } from "./tree-ensemble.ts";

/** Rows as a loss sees them. Margins are margin-major, [margins, rows]. */
export interface LossRows {
  readonly margins: Float32Array;
  readonly labels: Float32Array;
  /** One per row; `undefined` counts each as one. */
  readonly weights: Float32Array | undefined;
}

/** What is minimised. */
export interface Objective {
  readonly marginCount: number;
  /** The best constant margins. */
  baseMargins(labels: Float32Array, weights: Float32Array | undefined): Float32Array;
  /** Write first and second derivatives by each margin, in pairs: [margins, rows, 2]. */
  derive(rows: LossRows, pairs: Float32Array): void;
  /** Weighted mean: squared error, or log-loss in nats. */
  loss(rows: LossRows): number;
}

export function objectiveOf(target: TreeTarget, classCount: number): Objective {
  if (target === "multiclass") return softmaxLoss(classCount);
  return target === "binary" ? logisticLoss : squaredError;
}

/** A share of 0 or 1 would have an infinite margin. */
const leastShare = 1e-6;
/** A second derivative of nothing would let a leaf run away. */
const leastCurvature = 1e-16;
const leastProbability = 1e-15;

const squaredError: Objective = {
  marginCount: 1,
  baseMargins: (labels, weights) => Float32Array.of(weightedMean(weights, labels.length, (i) => labels[i]!)),
  derive({ margins, labels, weights }, pairs) {
    for (let i = 0; i < labels.length; i += 1) {
      const weight = weights === undefined ? 1 : weights[i]!;
      pairs[2 * i] = weight * (margins[i]! - labels[i]!);
      pairs[2 * i + 1] = weight;
    }
  },
  loss: ({ margins, labels, weights }) =>
    weightedMean(weights, labels.length, (i) => (margins[i]! - labels[i]!) ** 2),
};

const logisticLoss: Objective = {
  marginCount: 1,
  baseMargins(labels, weights) {
    const share = weightedMean(weights, labels.length, (i) => labels[i]!);
    const kept = Math.min(1 - leastShare, Math.max(leastShare, share));
    return Float32Array.of(Math.log(kept / (1 - kept)));
  },
  derive({ margins, labels, weights }, pairs) {
    for (let i = 0; i < labels.length; i += 1) {
      const weight = weights === undefined ? 1 : weights[i]!;
      const probability = 1 / (1 + Math.exp(-margins[i]!));
      pairs[2 * i] = weight * (probability - labels[i]!);
      pairs[2 * i + 1] = weight * Math.max(probability * (1 - probability), leastCurvature);
    }
  },
  loss: ({ margins, labels, weights }) =>
    weightedMean(weights, labels.length, (i) => {
      const margin = margins[i]!;
      // ln(1 + e^margin), without overflow.
      return Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))) - labels[i]! * margin;
    }),
};

function softmaxLoss(classCount: number): Objective {
  return {
    marginCount: classCount,
    baseMargins(labels, weights) {
      return Float32Array.from({ length: classCount }, (_, k) => {
        const share = weightedMean(weights, labels.length, (i) => (labels[i] === k ? 1 : 0));
        return Math.log(Math.max(leastShare, share));
      });
    },
    derive({ margins, labels, weights }, pairs) {
      const probabilities = new Float64Array(classCount);
      const rowCount = labels.length;
      for (let i = 0; i < rowCount; i += 1) {
        const weight = weights === undefined ? 1 : weights[i]!;
        softmax(margins, i, rowCount, probabilities);
        for (let k = 0; k < classCount; k += 1) {
          const probability = probabilities[k]!;
          const at = 2 * (k * rowCount + i);
          pairs[at] = weight * (probability - (labels[i] === k ? 1 : 0));
          // Twice the diagonal of the Hessian bounds the whole of it, as in XGBoost.
          pairs[at + 1] = weight * Math.max(2 * probability * (1 - probability), leastCurvature);
        }
      }
    },
    loss({ margins, labels, weights }) {
      const probabilities = new Float64Array(classCount);
      return weightedMean(weights, labels.length, (i) => {
        softmax(margins, i, labels.length, probabilities);
        return -Math.log(Math.max(probabilities[labels[i]!]!, leastProbability));
      });
    },
  };
}

function softmax(margins: Float32Array, row: number, rowCount: number, probabilities: Float64Array): void {
  let greatest = -Infinity;
  for (let k = 0; k < probabilities.length; k += 1)
    greatest = Math.max(greatest, margins[k * rowCount + row]!);
  let sum = 0;
  for (let k = 0; k < probabilities.length; k += 1) {
    const power = Math.exp(margins[k * rowCount + row]! - greatest);
    probabilities[k] = power;
    sum += power;
  }
  for (let k = 0; k < probabilities.length; k += 1) probabilities[k]! /= sum;
}

function weightedMean(
  weights: Float32Array | undefined,
  count: number,
  termOf: (i: number) => number,
): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    const weight = weights === undefined ? 1 : weights[i]!;
    sum += weight * termOf(i);
    total += weight;
  }
  return sum / total;
}

import { auc } from "../../../../../scripts/summary/auc.ts";

/** Area under the ROC curve of a score per row; for several classes, the mean of each against the rest. */
export function aucOf(probabilities: Float32Array, labels: Float32Array): number {
  const classCount = probabilities.length / labels.length;
  const aucOfClass = (k: number) =>
    auc(
      Array.from(labels, (label, row) => ({
        score: probabilities[row * classCount + k]!,
        late: classCount === 1 ? label === 1 : label === k,
      })),
    )!;
  const each = Array.from({ length: classCount }, (_, k) => aucOfClass(k));
  return each.reduce((sum, value) => sum + value, 0) / classCount;
}

/** Mean log-loss in nats of the probability of yes, or of each class's. */
export function logLossOf(probabilities: Float32Array, labels: Float32Array): number {
  const classCount = probabilities.length / labels.length;
  const sum = labels.reduce((total, label, row) => {
    const own = classCount === 1 ? probabilities[row]! : probabilities[row * classCount + label]!;
    return total - Math.log(classCount === 1 && label === 0 ? 1 - own : own);
  }, 0);
  return sum / labels.length;
}

export function rmseOf(predicted: Float32Array, labels: Float32Array): number {
  const sum = labels.reduce((total, label, row) => total + (label - predicted[row]!) ** 2, 0);
  return Math.sqrt(sum / labels.length);
}

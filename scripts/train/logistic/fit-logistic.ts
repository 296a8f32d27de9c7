import { type MinimiseOptions, type Minimum, minimise } from "../minimise.ts";
import type { LogisticRows } from "./logistic-rows.ts";

export interface LogisticWeights {
  readonly bias: number;
  /** One per number. */
  readonly numbers: Float64Array;
  /** One per place of the table. */
  readonly table: Float64Array;
}

export interface FitOptions extends MinimiseOptions {
  /** Penalty: half of this times the sum of the squared weights, beside the sum of the rows' losses; the bias is free. */
  readonly l2: number;
}

export interface Fit extends LogisticWeights, Omit<Minimum, "x" | "value"> {
  /** Mean log-loss in nats with the penalty's share. */
  readonly loss: number;
}

/**
 * Fit a logistic regression by maximum likelihood with an L2 penalty.
 *
 * The problem is convex and nothing in it is random: equal rows give equal weights.
 */
export function fitLogistic(rows: LogisticRows, options: FitOptions): Fit {
  const scale = scales(rows, options.l2);
  // The search goes over weights divided by their scale, in which the loss is about as steep in every direction.
  const objective = (scaled: Float64Array, gradient: Float64Array) => {
    const loss = meanLoss(rows, options.l2, times(scaled, scale), gradient);
    for (let i = 0; i < gradient.length; i += 1) gradient[i]! *= scale[i]!;
    return loss;
  };
  const start = new Float64Array(scale.length);
  start[0] = Math.log(odds(rows)) / scale[0]!;
  const { x, value, ...search } = minimise(objective, start, options);
  return { ...weightsOf(times(x, scale), rows), loss: value, ...search };
}

/** The log-odds of each row. */
export function logOdds(
  rows: Omit<LogisticRows, "labels">,
  { bias, numbers, table }: LogisticWeights,
): Float64Array {
  const { count, numberCount, categoryCount } = rows;
  const all = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    let sum = bias;
    const from = row * numberCount;
    for (let i = 0; i < numberCount; i += 1) sum += numbers[i]! * rows.numbers[from + i]!;
    const fromCategory = row * categoryCount;
    for (let i = 0; i < categoryCount; i += 1) sum += table[rows.categories[fromCategory + i]!]!;
    all[row] = sum;
  }
  return all;
}

function weightsOf(x: Float64Array, { numberCount }: LogisticRows): LogisticWeights {
  return { bias: x[0]!, numbers: x.subarray(1, 1 + numberCount), table: x.subarray(1 + numberCount) };
}

/** Positives to negatives; one more of each, so that it is finite. */
function odds({ labels, count }: LogisticRows): number {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  return (positives + 1) / (count - positives + 1);
}

/** One over the root of the loss's second derivative by each weight alone, at the base rate. */
function scales(
  { count, numberCount, categories, tableSize, ...rows }: LogisticRows,
  l2: number,
): Float64Array {
  const base = odds({ count, numberCount, categories, tableSize, ...rows });
  const variance = base / (1 + base) ** 2;
  const rowCounts = new Float64Array(1 + numberCount + tableSize).fill(0).fill(count, 0, 1 + numberCount);
  for (const place of categories) rowCounts[1 + numberCount + place]! += 1;
  // A place that no row is at has no slope either; any scale does.
  return rowCounts.map((rowCount) => 1 / Math.sqrt((rowCount * variance + l2) / count || 1));
}

/** Mean log-loss in nats with the penalty's share, and its gradient. */
function meanLoss(rows: LogisticRows, l2: number, x: Float64Array, gradient: Float64Array): number {
  const { count, numbers, numberCount, categories, categoryCount, labels } = rows;
  const firstPlace = 1 + numberCount;
  gradient.fill(0);
  let loss = 0;
  for (let row = 0; row < count; row += 1) {
    const from = row * numberCount;
    const fromCategory = row * categoryCount;
    let score = x[0]!;
    for (let i = 0; i < numberCount; i += 1) score += x[1 + i]! * numbers[from + i]!;
    for (let i = 0; i < categoryCount; i += 1) score += x[firstPlace + categories[fromCategory + i]!]!;
    const label = labels[row]!;
    // ln(1 + e^score), without overflow.
    loss += Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - label * score;
    const error = 1 / (1 + Math.exp(-score)) - label;
    gradient[0]! += error;
    for (let i = 0; i < numberCount; i += 1) gradient[1 + i]! += error * numbers[from + i]!;
    for (let i = 0; i < categoryCount; i += 1) gradient[firstPlace + categories[fromCategory + i]!]! += error;
  }
  for (let i = 1; i < x.length; i += 1) {
    loss += (l2 / 2) * x[i]! * x[i]!;
    gradient[i]! += l2 * x[i]!;
  }
  for (let i = 0; i < gradient.length; i += 1) gradient[i]! /= count;
  return loss / count;
}

function times(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((each, i) => each * b[i]!);
}

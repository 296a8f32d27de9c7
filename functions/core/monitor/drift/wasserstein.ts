import { type Distribution, totalWeight, walkShares } from "./distribution.ts";

/** Least deviation that is divided by, as Evidently has it: what is all but constant would make every change infinite. */
const leastDeviation = 1e-3;

/**
 * Wasserstein distance between two distributions of numbers, in standard deviations of the reference: how far the
 * mass must be moved on average to make one of the other.
 *
 * @param reference - holds weight, as `current` does; its deviation is the population's, at least 0.001.
 * @returns 0 for equal ones, without an upper bound.
 * @see scipy.stats.wasserstein_distance; Evidently, `wasserstein_distance_norm.py`, which calls from 0.1 on drift
 */
export function normedWasserstein(reference: Distribution, current: Distribution): number {
  let distance = 0;
  let difference = 0;
  let previous: number | undefined;
  walkShares(reference, current, (value, p, q) => {
    if (previous !== undefined) distance += Math.abs(difference) * (value - previous);
    difference += p - q;
    previous = value;
  });
  return distance / Math.max(deviationOf(reference), leastDeviation);
}

function deviationOf(distribution: Distribution): number {
  const { values, weights } = distribution;
  const total = totalWeight(distribution);
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += (values[i]! * weights[i]!) / total;
  let variance = 0;
  for (let i = 0; i < values.length; i++) variance += ((values[i]! - mean) ** 2 * weights[i]!) / total;
  return Math.sqrt(variance);
}

import { studentQuantile } from "./student-t.ts";

/**
 * How often, of windows that are like the reference's, one has a feature or score that counts as drifted. Half of it is
 * for all features together, half for the scores: those are few, and what matters of any feature shows in them.
 */
export const falseWindowRate = 0.01;

/** With fewer, what they vary by says too little. */
export const leastReferenceWindows = 5;

/**
 * The effect size that a window like the reference's own exceeds with probability `tail`: each of those was compared with
 * the rest, and the next one is taken to fall where they fell.
 *
 * Distances are skewed; their square roots are nearly normal, so the limit is Student's prediction limit over those.
 *
 * @param values - at least `leastReferenceWindows`, each at least 0.
 * @param tail - the share of `falseWindowRate` that falls to one of the comparisons that are made of a window.
 */
export function variationLimit(values: readonly number[], tail: number): number {
  const roots = values.map(Math.sqrt);
  const n = roots.length;
  const mean = roots.reduce((sum, root) => sum + root, 0) / n;
  const variance = roots.reduce((sum, root) => sum + (root - mean) ** 2, 0) / (n - 1);
  return (mean + studentQuantile(n - 1, tail) * Math.sqrt(variance * (1 + 1 / n))) ** 2;
}

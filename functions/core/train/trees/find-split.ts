import type { SplitRules } from "./search-plan.ts";

export interface Sums {
  readonly gradient: number;
  readonly curvature: number;
}

export interface SplitSearch {
  /** Pairs of sums by bin from `offset` on: of the bins of values, then of NaN's. */
  readonly histogram: Float64Array;
  readonly offset: number;
  readonly valueBins: number;
  /** Of the node. */
  readonly total: Sums;
  readonly rules: SplitRules;
}

export interface FoundSplit {
  readonly gain: number;
  /** Greatest bin that goes left. */
  readonly bin: number;
  readonly isMissingLeft: boolean;
  readonly leftGradient: number;
  readonly leftCurvature: number;
}

/** Below this share of a node's curvature a bin's is what rounding left of a subtraction. */
const roundingShare = 1e-10;

/**
 * Find the best split of a node by one column; the lowest bin wins a tie.
 *
 * What is missing is tried on both sides. Where none is, it goes to the heavier side: there the guess is the safer one.
 *
 * @see Chen and Guestrin, XGBoost: A Scalable Tree Boosting System (2016), equation 7, without its factor of one half
 */
export function findSplit(search: SplitSearch): FoundSplit | undefined {
  const { histogram, offset, valueBins, total, rules } = search;
  const { lambda, minGain, minChildWeight } = rules;
  const missingAt = offset + 2 * valueBins;
  const hasMissing = histogram[missingAt + 1]! > roundingShare * total.curvature;
  const missingGradient = hasMissing ? histogram[missingAt]! : 0;
  const missingCurvature = hasMissing ? histogram[missingAt + 1]! : 0;
  const whole = total.gradient ** 2 / (total.curvature + lambda);

  let bestGain = minGain;
  let bestBin = -1;
  let bestMissingLeft = false;
  let bestGradient = 0;
  let bestCurvature = 0;
  let gradient = 0;
  let curvature = 0;
  // Without anything missing a cut above every value would leave the right side empty.
  const lastBin = hasMissing ? valueBins - 1 : valueBins - 2;
  for (let bin = 0; bin <= lastBin; bin += 1) {
    gradient += histogram[offset + 2 * bin]!;
    curvature += histogram[offset + 2 * bin + 1]!;
    consider(bin, false, gradient, curvature);
    if (hasMissing) consider(bin, true, gradient + missingGradient, curvature + missingCurvature);
  }
  if (bestBin < 0) return undefined;
  return {
    gain: bestGain,
    bin: bestBin,
    isMissingLeft: hasMissing ? bestMissingLeft : 2 * bestCurvature >= total.curvature,
    leftGradient: bestGradient,
    leftCurvature: bestCurvature,
  };

  function consider(bin: number, isMissingLeft: boolean, left: number, leftCurvature: number): void {
    const rightCurvature = total.curvature - leftCurvature;
    if (leftCurvature < minChildWeight || rightCurvature < minChildWeight) return;
    const right = total.gradient - left;
    const gain = left ** 2 / (leftCurvature + lambda) + right ** 2 / (rightCurvature + lambda) - whole;
    if (!(gain > bestGain)) return;
    bestGain = gain;
    bestBin = bin;
    bestMissingLeft = isMissingLeft;
    bestGradient = left;
    bestCurvature = leftCurvature;
  }
}

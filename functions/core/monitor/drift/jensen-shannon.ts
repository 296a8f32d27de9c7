import { type Distribution, walkShares } from "./distribution.ts";

/**
 * Jensen-Shannon distance of two distributions over the same bins or categories: the square root of the divergence
 * to base 2.
 *
 * @param reference - holds weight, as `current` does.
 * @returns from 0 for equal ones to 1 for those that have nothing in common.
 * @see scipy.spatial.distance.jensenshannon with base 2, as Evidently and NannyML use it; both call above 0.1 drift
 */
export function jensenShannonDistance(reference: Distribution, current: Distribution): number {
  let divergence = 0;
  walkShares(reference, current, (_, p, q) => {
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p * Math.log2(p / middle)) / 2;
    if (q > 0) divergence += (q * Math.log2(q / middle)) / 2;
  });
  // Rounding can leave a little less than nothing.
  return Math.sqrt(Math.max(divergence, 0));
}

import { type Distribution, walkShares } from "./distribution.ts";

/** Least share that a bin is taken to hold: an empty one would make the index infinite. Evidently fills with the same. */
const leastShare = 1e-4;

/**
 * Population stability index of two distributions over the same bins or categories: the sum of `(p − q) · ln(p / q)`,
 * in nats; shares below 1e-4 are taken as 1e-4.
 *
 * Numbers are put into the reference's deciles first: `binned(…, decilesOf(reference))`.
 *
 * @param reference - holds weight, as `current` does.
 * @returns 0 for equal ones, at most some 18.
 * @see Evidently, `calculations/stattests/psi.py`, which calls from 0.1 on drift
 */
export function populationStability(reference: Distribution, current: Distribution): number {
  let index = 0;
  walkShares(reference, current, (_, referenceShare, currentShare) => {
    const p = Math.max(referenceShare, leastShare);
    const q = Math.max(currentShare, leastShare);
    index += (p - q) * Math.log(p / q);
  });
  return index;
}

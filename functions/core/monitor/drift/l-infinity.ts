import { type Distribution, walkShares } from "./distribution.ts";

/**
 * Greatest difference between the shares that a category has in two distributions.
 *
 * @param reference - holds weight, as `current` does.
 * @returns from 0 to 1.
 * @see SageMaker Model Monitor, `categorical_drift_method: LInfinity`, and NannyML; both call above 0.1 drift
 */
export function lInfinity(reference: Distribution, current: Distribution): number {
  let greatest = 0;
  walkShares(reference, current, (_, p, q) => {
    greatest = Math.max(greatest, Math.abs(p - q));
  });
  return greatest;
}

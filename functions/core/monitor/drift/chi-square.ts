import { type Distribution, totalWeight, walkTogether } from "./distribution.ts";
import { upperGamma } from "./upper-gamma.ts";

export interface ChiSquare {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  /** How often the same distribution gives samples as unlike as these, or more so. */
  readonly pValue: number;
}

/**
 * Pearson's chi-square test that two samples of categories are of one distribution: the contingency table of both,
 * without a correction for continuity.
 *
 * A category that only one has is no special case, as it would be against expected counts of the reference alone. With
 * many samples the smallest difference is significant: what is to be alarmed takes an effect size beside it.
 *
 * @param reference - counts by category; holds some, as `current` does.
 * @see scipy.stats.chi2_contingency, which NannyML uses
 */
export function chiSquare(reference: Distribution, current: Distribution): ChiSquare {
  const [ofReference, ofCurrent] = [totalWeight(reference), totalWeight(current)];
  const total = ofReference + ofCurrent;
  let statistic = 0;
  let categories = 0;
  walkTogether(reference, current, (_, inReference, inCurrent) => {
    const both = inReference + inCurrent;
    if (both === 0) return;
    categories++;
    const [expected, expectedNow] = [(both * ofReference) / total, (both * ofCurrent) / total];
    statistic += (inReference - expected) ** 2 / expected + (inCurrent - expectedNow) ** 2 / expectedNow;
  });
  const degreesOfFreedom = categories - 1;
  const pValue = degreesOfFreedom === 0 ? 1 : upperGamma(degreesOfFreedom / 2, statistic / 2);
  return { statistic, degreesOfFreedom, pValue };
}

import { coarsened, type Histogram, totalOf, valueOfKey } from "../histogram.ts";
import type { FeatureSketch } from "../sketch.ts";
import { chiSquare } from "./chi-square.ts";
import { binned, decilesOf } from "./decile-bins.ts";
import { type Distribution, totalWeight } from "./distribution.ts";
import type { Measured } from "./drift-statistics.ts";
import { jensenShannonDistance } from "./jensen-shannon.ts";
import { lInfinity } from "./l-infinity.ts";
import { populationStability } from "./population-stability.ts";
import { normedWasserstein } from "./wasserstein.ts";

/**
 * Measure how far a feature's values stand from the reference's.
 *
 * Numbers: Wasserstein distance over the buckets' middles, L-infinity over the buckets (a value that is stuck, or a default
 * that stands in, fills one), stability index and Jensen-Shannon distance over the reference's deciles. Categories: Jensen-Shannon and L-infinity distances, chi-square and stability index over the
 * codes. Of the Jensen-Shannon distance, what samples of one distribution may be apart is taken off. Where both sketches know
 * what was missing: the difference of the shares.
 *
 * @returns nothing of distributions where either holds no value.
 */
export function measureFeature(reference: FeatureSketch, current: FeatureSketch): Measured {
  const [before, now] = [totalOf(reference.histogram), totalOf(current.histogram)];
  return {
    ...(before > 0 &&
      now > 0 &&
      (reference.kind === "number"
        ? measureNumbers(reference.histogram, current.histogram)
        : measureCategories(codesOf(reference.histogram), codesOf(current.histogram)))),
    ...missingDifference(reference, current),
  };
}

function measureNumbers(reference: Histogram, current: Histogram): Measured {
  const level = Math.max(reference.level, current.level);
  const [before, now] = [numbersOf(coarsened(reference, level)), numbersOf(coarsened(current, level))];
  const deciles = decilesOf(before);
  const [binsBefore, binsNow] = [binned(before, deciles), binned(now, deciles)];
  return {
    normedWasserstein: normedWasserstein(before, now),
    jensenShannon: beyondSampling(jensenShannonDistance(binsBefore, binsNow), binsBefore, binsNow),
    lInfinity: lInfinity(before, now),
    populationStability: populationStability(binsBefore, binsNow),
  };
}

function measureCategories(before: Distribution, now: Distribution): Measured {
  return {
    jensenShannon: beyondSampling(jensenShannonDistance(before, now), before, now),
    lInfinity: lInfinity(before, now),
    populationStability: populationStability(before, now),
    chiSquareP: chiSquare(before, now).pValue,
  };
}

/** Standard deviations above the mean of chi-square. */
const samplingDeviations = 3;

/**
 * Take off a Jensen-Shannon distance what samples of one distribution are apart, save for one case in some hundreds: over
 * `k` categories `8 ln 2 / (1/n + 1/m)` times the divergence is chi-square with `k − 1` degrees of freedom. For some
 * hundred categories and a thousand rows that is more than any threshold.
 *
 * @see Grosse et al., Analysis of symbolic sequences using the Jensen-Shannon divergence, Phys. Rev. E 65, 2002
 */
function beyondSampling(distance: number, before: Distribution, now: Distribution): number {
  const degreesOfFreedom = Math.max(occupied(before), occupied(now)) - 1;
  const most = degreesOfFreedom + samplingDeviations * Math.sqrt(2 * degreesOfFreedom);
  const divergence = (most / (8 * Math.LN2)) * (1 / totalWeight(before) + 1 / totalWeight(now));
  return Math.sqrt(Math.max(0, distance ** 2 - divergence));
}

function occupied({ weights }: Distribution): number {
  return Array.from(weights).filter((weight) => weight > 0).length;
}

function numbersOf({ level, keys, counts }: Histogram): Distribution {
  return { values: keys.map((key) => valueOfKey(key, level)), weights: counts };
}

function codesOf({ keys, counts }: Histogram): Distribution {
  return { values: keys, weights: counts };
}

/** Of all values, how many had a default stand in for them or were no number; undefined where that is not known. */
export function missingShare({ histogram, missing, invalid }: FeatureSketch): number | undefined {
  const count = totalOf(histogram) + invalid;
  return missing === undefined || count === 0 ? undefined : (missing + invalid) / count;
}

function missingDifference(reference: FeatureSketch, current: FeatureSketch): Measured {
  const [before, now] = [missingShare(reference), missingShare(current)];
  return before === undefined || now === undefined ? {} : { missingDifference: Math.abs(now - before) };
}

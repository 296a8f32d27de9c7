import { InputError } from "../../errors.ts";

/** Sums over one block of outcome time. */
export interface BlockSum {
  /** Pairs in it; above 0. */
  readonly count: number;
  /** Of their differences. */
  readonly sum: number;
}

/** A mean and where it may lie; the bounds are infinite while there are too few blocks to say. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** How sure an interval is to be, and of blocks of what kind. */
export interface SequenceRules {
  /** How rarely the mean may ever lie outside: above 0, below 1. */
  readonly alpha: number;
  /**
   * The variance of the sum of many blocks, as a multiple of what it would be if they were independent: 1 for such, more
   * where what happens in one goes on in the next.
   */
  readonly dependence: number;
}

/**
 * Where the mean difference per pair may lie, by a confidence sequence: with probability `1 - alpha` it lies within the
 * intervals after every number of blocks at once, so one may look after each block and stop when one likes.
 *
 * It holds the means that the sequential t-test does not refuse: a mixture of likelihood ratios over the effect in
 * standard deviations, normal about 0 with variance `1 / priorBlocks`, and over the standard deviation, which nobody
 * knows. Exact for independent blocks of one size and one normal distribution; blocks of other sizes weigh by their counts.
 * A dependence above 1 widens it as it would the standard error of the mean.
 *
 * @param blocks - in the order of their time; at least one.
 * @throws {InputError} `input.range` for no blocks, an empty one, or an alpha out of range.
 * @see Wang and Ramdas, Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance,
 *   2023 (arXiv 2310.03722); Lai, On confidence sequences, Annals of Statistics 4, 1976
 */
export function tConfidenceSequence(blocks: readonly BlockSum[], rules: SequenceRules): MeanInterval {
  const { alpha } = rules;
  const isWhole = blocks.length > 0 && blocks.every(({ count }) => count > 0);
  if (!isWhole || !(alpha > 0 && alpha < 1)) {
    throw new InputError(
      `confidence sequence: got ${blocks.length} blocks and alpha ${alpha}, expected one or more that each hold a pair, and alpha between 0 and 1`,
      { code: "input.range" },
    );
  }
  const { mean, count, countSquares, residualSquares, products } = spreadOf(blocks);
  // A mean m is kept where (Σ x)² ≤ k Σ x², x being a block's sum less m for each of its pairs: a quadratic inequality
  // in m. Written in m less the measured mean, its terms do not cancel.
  const k = refusedShare(blocks.length, rules);
  const a = count ** 2 - k * countSquares;
  if (a <= 0) return { mean, low: -Infinity, high: Infinity };
  const b = -k * products;
  const root = Math.sqrt(b * b + a * k * residualSquares);
  return { mean, low: mean + (b - root) / a, high: mean + (b + root) / a };
}

/** How blocks lie about their common mean. */
export interface BlockSpread {
  readonly mean: number;
  readonly count: number;
  readonly countSquares: number;
  /** Σ r², r being a block's sum less the mean for each of its pairs. */
  readonly residualSquares: number;
  /** Σ r times the block's count. */
  readonly products: number;
}

export function spreadOf(blocks: readonly BlockSum[]): BlockSpread {
  const count = blocks.reduce((total, block) => total + block.count, 0);
  const mean = blocks.reduce((total, block) => total + block.sum, 0) / count;
  let [countSquares, residualSquares, products] = [0, 0, 0];
  for (const block of blocks) {
    const residual = block.sum - mean * block.count;
    countSquares += block.count ** 2;
    residualSquares += residual ** 2;
    products += residual * block.count;
  }
  return { mean, count, countSquares, residualSquares, products };
}

/**
 * Half of an interval's width after so many blocks of one size, in standard deviations (over the blocks, divided by their
 * number) of a block's mean; infinite while there are too few.
 */
export function halfWidthAfter(blockCount: number, rules: SequenceRules): number {
  const k = refusedShare(blockCount, rules);
  return k < blockCount ? Math.sqrt(k / (blockCount - k)) : Infinity;
}

/**
 * What the mixture takes for known of the effect, as if from so many blocks before the first: the interval is narrowest,
 * for what there is to know, after some ten times as many.
 */
const priorBlocks = 1;

/** The ratio of squared sum to sum of squares from which on a mean is refused. */
function refusedShare(blockCount: number, { alpha, dependence }: SequenceRules): number {
  const total = blockCount + priorBlocks;
  return dependence * total * (1 - ((alpha ** 2 * priorBlocks) / total) ** (1 / blockCount));
}

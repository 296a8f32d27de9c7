import { type BlockSum, halfWidthAfter, type SequenceRules, spreadOf } from "./t-confidence-sequence.ts";

/** What is to be known of a stream to say how soon a difference shows. */
export interface BlockNoise {
  /** Standard deviation of a block's mean difference. */
  readonly deviation: number;
  /** Pairs in a block, on average. */
  readonly countPerBlock: number;
}

/** How blocks have varied so far. @returns undefined for fewer than two */
export function noiseOf(blocks: readonly BlockSum[]): BlockNoise | undefined {
  if (blocks.length < 2) return undefined;
  const { count, residualSquares } = spreadOf(blocks);
  const countPerBlock = count / blocks.length;
  return { deviation: Math.sqrt(residualSquares / (blocks.length - 1)) / countPerBlock, countPerBlock };
}

/** The difference that is found in four of five cases by the time that there are so many blocks; infinite where there are too few. */
export function detectableAfter(blockCount: number, { deviation }: BlockNoise, rules: SequenceRules): number {
  const ofMean = Math.sqrt(rules.dependence / blockCount);
  return deviation * (halfWidthAfter(blockCount, rules) + fourOfFive * ofMean);
}

/**
 * How many outcomes it takes to find a difference in four of five cases.
 *
 * @param difference - in the loss per outcome, above 0 or below.
 * @returns in whole blocks; undefined where it takes more than `maxBlocks`.
 */
export function outcomesToDetect(
  difference: number,
  noise: BlockNoise,
  rules: SequenceRules,
): number | undefined {
  for (let blockCount = 1; blockCount <= maxBlocks; blockCount++) {
    if (detectableAfter(blockCount, noise, rules) <= Math.abs(difference))
      return Math.ceil(blockCount * noise.countPerBlock);
  }
  return undefined;
}

/** The normal distribution's quantile of 0.8. */
const fourOfFive = 0.8416212335729143;
/** Beyond, it is not worth waiting for. */
const maxBlocks = 1000;

import type { StoredPairs } from "./pair-store.ts";
import type { BlockSum } from "./t-confidence-sequence.ts";

/**
 * How long a block is: what happens to both versions within such a time (a storm, an outage, a rush hour) happens to all
 * of its outcomes together. A day, so that each holds the whole of what comes every day.
 */
export const blockMs = 86_400_000;

/**
 * The variance of many days' sum as a multiple of that of independent days: weather goes on. On flights it is 1.25 for two
 * days and 1.7 for a week; 1.5 keeps wrong verdicts rarer than alpha in every simulation of ADR 0018.
 */
export const blockDependence = 1.5;

/** What outcomes say in whole blocks, and how many are in one that is not over. */
export interface OutcomeBlocks {
  /** In the order of their time; blocks without a pair are left out. */
  readonly blocks: readonly BlockSum[];
  /** Pairs that count later. */
  readonly openCount: number;
}

/**
 * Gather hours into blocks, which begin at the same instants whatever is looked at when: the days of UTC.
 *
 * @param pairs - of one comparison, one or more per hour, in any order.
 * @param closedMs - up to here all outcomes are there, epoch milliseconds: a block that ends later is open, since
 *   what a part of it says would count before the rest of it could.
 */
export function outcomeBlocks(pairs: readonly StoredPairs[], closedMs: number): OutcomeBlocks {
  const byBlock = Map.groupBy(pairs, ({ hour }) => Math.floor(Date.parse(`${hour}:00:00Z`) / blockMs));
  const blocks = [...byBlock]
    .sort(([a], [b]) => a - b)
    .map(([number, hours]) => ({
      isClosed: (number + 1) * blockMs <= closedMs,
      count: hours.reduce((total, { partial }) => total + partial.count, 0),
      sum: hours.reduce((total, { partial }) => total + partial.differenceSum, 0),
    }))
    .filter(({ count }) => count > 0);
  return {
    blocks: blocks.filter(({ isClosed }) => isClosed).map(({ count, sum }) => ({ count, sum })),
    openCount: blocks.reduce((total, { isClosed, count }) => total + (isClosed ? 0 : count), 0),
  };
}

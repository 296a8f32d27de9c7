import type { StoredPairs } from "./pair-store.ts";
import type { BlockSum } from "./t-confidence-sequence.ts";

/**
 * How long a block is: what happens to both versions within such a time (a storm, an outage, a campaign) happens to all
 * of its outcomes together. Three days, by measurement: ADR 0018.
 */
export const blockMs = 3 * 86_400_000;

/** What outcomes say in whole blocks, and how many are in one that is not over. */
export interface OutcomeBlocks {
  /** In the order of their time; blocks without a pair are left out. */
  readonly blocks: readonly BlockSum[];
  /** Pairs that count later. */
  readonly openCount: number;
}

/**
 * Gather hours into blocks, which begin at the same instants whatever is looked at when: three days of UTC from
 * 1970-01-01 on.
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

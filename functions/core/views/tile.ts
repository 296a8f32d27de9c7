import type { Aggregate } from "../../contract/view.ts";

/**
 * A tile is eight numbers in a row of a Float64Array: what its events amount to, in a form that two tiles can be
 * merged in. Objects would cost more than the arithmetic.
 */
export const Stat = {
  count: 0,
  hits: 1,
  sum: 2,
  /** Sum of the squared deviations from the mean: unlike a sum of squares it cancels nothing. */
  m2: 3,
  min: 4,
  max: 5,
  /** The value with the newest time; NaN where the view has no value. */
  last: 6,
  lastMs: 7,
} as const;

export const tileStats = 8;

/** Greatest magnitude of a value: the squares of some 1e20 such deviations still sum to a finite number. */
export const maxValue = 1e140;

/** Make the tile at `at` empty. */
export function clearTile(stats: Float64Array, at: number): void {
  stats.fill(0, at, at + 4);
  stats[at + Stat.min] = Number.POSITIVE_INFINITY;
  stats[at + Stat.max] = Number.NEGATIVE_INFINITY;
  stats[at + Stat.last] = Number.NaN;
  stats[at + Stat.lastMs] = Number.NEGATIVE_INFINITY;
}

/** One event that a view counts. */
export interface Observation {
  /** NaN where the view has no value. */
  readonly value: number;
  readonly hit: boolean;
  readonly timeMs: number;
}

/** Add an event to the tile at `at`; of two at one time the later call is the last. */
export function addToTile(stats: Float64Array, at: number, { value, hit, timeMs }: Observation): void {
  const before = stats[at]!;
  stats[at] = before + 1;
  if (hit) stats[at + Stat.hits]!++;
  if (!Number.isNaN(value)) {
    if (before > 0) {
      const delta = value - stats[at + Stat.sum]! / before;
      stats[at + Stat.m2]! += delta * delta * (before / (before + 1));
    }
    stats[at + Stat.sum]! += value;
    if (value < stats[at + Stat.min]!) stats[at + Stat.min] = value;
    if (value > stats[at + Stat.max]!) stats[at + Stat.max] = value;
  }
  if (timeMs >= stats[at + Stat.lastMs]!) {
    stats[at + Stat.last] = value;
    stats[at + Stat.lastMs] = timeMs;
  }
}

/**
 * Merge the tile at `from` into the one at `at`; of two newest values at one time, the merged one's is the last.
 *
 * @see Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample variances, 1979.
 */
export function mergeTile(stats: Float64Array, at: number, other: Float64Array, from: number): void {
  const added = other[from]!;
  if (added === 0) return;
  const count = stats[at]!;
  if (count === 0) {
    for (let i = 0; i < tileStats; i++) stats[at + i] = other[from + i]!;
    return;
  }
  const delta = other[from + Stat.sum]! / added - stats[at + Stat.sum]! / count;
  stats[at + Stat.m2]! += other[from + Stat.m2]! + delta * delta * ((count / (count + added)) * added);
  stats[at] = count + added;
  stats[at + Stat.hits]! += other[from + Stat.hits]!;
  stats[at + Stat.sum]! += other[from + Stat.sum]!;
  if (other[from + Stat.min]! < stats[at + Stat.min]!) stats[at + Stat.min] = other[from + Stat.min]!;
  if (other[from + Stat.max]! > stats[at + Stat.max]!) stats[at + Stat.max] = other[from + Stat.max]!;
  if (other[from + Stat.lastMs]! >= stats[at + Stat.lastMs]!) {
    stats[at + Stat.last] = other[from + Stat.last]!;
    stats[at + Stat.lastMs] = other[from + Stat.lastMs]!;
  }
}

/** What an aggregate says of a tile, or of a window's tiles merged, to an event at `timeMs`; NaN where it is empty. */
export function aggregateOf(stats: Float64Array, at: number, agg: Aggregate, timeMs: number): number {
  const count = stats[at]!;
  if (count === 0) return Number.NaN;
  switch (agg) {
    case "count":
      return count;
    case "sum":
      return stats[at + Stat.sum]!;
    case "mean":
      return stats[at + Stat.sum]! / count;
    case "min":
      return stats[at + Stat.min]!;
    case "max":
      return stats[at + Stat.max]!;
    case "std":
      return Math.sqrt(stats[at + Stat.m2]! / count);
    case "rate":
      return stats[at + Stat.hits]! / count;
    case "last":
      return stats[at + Stat.last]!;
    case "secondsSinceLast":
      return Math.max(0, (timeMs - stats[at + Stat.lastMs]!) / 1000);
  }
}

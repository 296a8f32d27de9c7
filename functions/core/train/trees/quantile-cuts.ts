import { sortFloats } from "./sort-floats.ts";

/**
 * Choose where to cut a column, so that about equally many values lie between two cuts.
 *
 * A value `x` belongs to the first bin `b` with `x <= cuts[b]`, or to the last. Cuts lie halfway between two values that occur, or on the
 * lower of them where single precision has nothing between. A value that fills a bin by itself shares it with few others.
 *
 * @param values - NaN is left out.
 * @param maxBins - at least 2.
 * @returns ascending, fewer than `maxBins`; none when the column has one value or none.
 */
export function quantileCuts(values: Float32Array, maxBins: number): Float32Array {
  const sorted = sortFloats(values);
  const { distinct, counts } = runs(sorted);
  if (distinct.length <= maxBins) {
    return distinct.slice(0, -1).map((value, i) => between(value, distinct[i + 1]!));
  }
  const cuts: number[] = [];
  let { isLarge, smallRows, smallBins } = shareOut(counts, sorted.length, maxBins);
  let filled = 0;
  for (let i = 0; i < distinct.length - 1 && cuts.length < maxBins - 1; i += 1) {
    filled += counts[i]!;
    const enough = smallRows / Math.max(1, smallBins);
    const ends = isLarge(i) || filled >= enough || (isLarge(i + 1) && filled >= enough / 2);
    if (!ends) continue;
    cuts.push(between(distinct[i]!, distinct[i + 1]!));
    if (!isLarge(i)) {
      smallRows -= filled;
      smallBins -= 1;
    }
    filled = 0;
  }
  return Float32Array.from(cuts);
}

interface Shares {
  /** Whether a distinct value has a bin of its own. */
  readonly isLarge: (i: number) => boolean;
  /** Rows of all other values, and bins left for them. */
  readonly smallRows: number;
  readonly smallBins: number;
}

function shareOut(counts: Uint32Array, rowCount: number, maxBins: number): Shares {
  const even = rowCount / maxBins;
  const large = counts.filter((count) => count >= even);
  return {
    isLarge: (i) => counts[i]! >= even,
    smallRows: rowCount - large.reduce((sum, count) => sum + count, 0),
    smallBins: maxBins - large.length,
  };
}

function runs(sorted: Float32Array): { readonly distinct: Float32Array; readonly counts: Uint32Array } {
  const distinct = new Float32Array(sorted.length);
  const counts = new Uint32Array(sorted.length);
  let length = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    if (i === 0 || sorted[i]! > sorted[i - 1]!) distinct[length++] = sorted[i]!;
    counts[length - 1]! += 1;
  }
  return { distinct: distinct.subarray(0, length), counts: counts.subarray(0, length) };
}

/** A single-precision number from `low`, which it may be, to `high`, which it is not. */
function between(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2) + 0;
  return middle >= low && middle < high ? middle : low;
}

/**
 * How often values fell into buckets whose edges nobody needs to know: a bucket is the values whose float32 rounds to the
 * same sign, exponent and leading four bits of the fraction, so that histograms of one kind of value always merge.
 *
 * Of numbers, `keys` ascend with the values: 0 is zero, and `valueOfKey` says what stands for the others. Of categories,
 * keys are what stands for each category.
 *
 * The form is OpenTelemetry's exponential histogram with 16 linear buckets an octave: no logarithm is taken.
 * @see https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */
export interface Histogram {
  /** A bucket is 2^level of the finest ones that stand side by side; 0 for categories. */
  readonly level: number;
  /** Ascending. */
  readonly keys: readonly number[];
  /** Above 0, one per key. */
  readonly counts: readonly number[];
}

/** Bits of the fraction that a float32 keeps beside its exponent. */
const fractionBits = 4;
/** Bits of it that do not matter, and half of their range: what rounds. */
export const droppedBits = 23 - fractionBits;
export const roundingBits = 2 ** (droppedBits - 1);
export const infinityBits = 0x7f80_0000;
const maxFloat32 = 3.4028234663852886e38;

/** Key of the largest floats, which round to 2^128. */
export const maxKey = infinityBits >>> droppedBits;

/** What no number has: the key of NaN and the infinities. */
export const invalidKey = maxKey + 1;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Key of a number at level 0, from `-maxKey` to `maxKey`, as its nearest finite float32 has it; `invalidKey` where it is not finite. */
export function keyOf(value: number): number {
  float[0] = value;
  const isTooLarge = Math.abs(float[0]!) === Number.POSITIVE_INFINITY && Number.isFinite(value);
  const key = isTooLarge ? maxKey : magnitudeKeyOf(bits[0]!);
  // Not -key, which makes -0 of 0.
  return value < 0 && key !== invalidKey ? 0 - key : key;
}

/** As `keyOf`, of a float32's bits as a signed integer; without its sign. */
export function magnitudeKeyOf(given: number): number {
  const magnitude = given & 0x7fff_ffff;
  return magnitude >= infinityBits ? invalidKey : (magnitude + roundingBits) >>> droppedBits;
}

/** What stands for a bucket: the middle of its edges; off by at most 1/32 of the value at level 0, not at all for whole numbers up to 32. */
export function valueOfKey(key: number, level = 0): number {
  if (key === 0) return 0;
  const magnitude = Math.abs(key);
  const middle =
    level === 0
      ? floatOf(magnitude * 2 * roundingBits)
      : (edgeOf(magnitude << level) + edgeOf((magnitude + 1) << level)) / 2;
  return Math.sign(key) * Math.min(middle, maxFloat32);
}

/** The bucket one level up (`by` levels up) that holds a bucket. */
export function coarserKey(key: number, by: number): number {
  return key < 0 ? 0 - (-key >>> by) : key >>> by;
}

export const emptyHistogram: Histogram = { level: 0, keys: [], counts: [] };

/** How many values were counted. */
export function totalOf({ counts }: Histogram): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

/** Make a histogram of counts by key, in any order; zeros are left out. */
export function histogramOf(counts: Iterable<readonly [key: number, count: number]>, level = 0): Histogram {
  const sorted = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  return { level, keys: sorted.map(([key]) => key), counts: sorted.map(([, count]) => count) };
}

/** The same counts in buckets of a level that is not finer. */
export function coarsened(histogram: Histogram, level: number): Histogram {
  const by = level - histogram.level;
  if (by <= 0) return histogram;
  const keys: number[] = [];
  const counts: number[] = [];
  histogram.keys.forEach((fine, i) => {
    const key = coarserKey(fine, by);
    if (keys.length > 0 && keys.at(-1) === key) counts[counts.length - 1]! += histogram.counts[i]!;
    else {
      keys.push(key);
      counts.push(histogram.counts[i]!);
    }
  });
  return { level, keys, counts };
}

/** The same counts in at most so many buckets: as coarse as that takes and no coarser. @param maxBuckets - at least 3 */
export function bounded(histogram: Histogram, maxBuckets: number): Histogram {
  let result = histogram;
  while (result.keys.length > maxBuckets) result = coarsened(result, result.level + 1);
  return result;
}

/** What two histograms of one kind of value hold together, at the coarser one's level. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const level = Math.max(a.level, b.level);
  const [left, right] = [coarsened(a, level), coarsened(b, level)];
  const keys: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < left.keys.length || j < right.keys.length) {
    const [x = Infinity, y = Infinity] = [left.keys[i], right.keys[j]];
    keys.push(Math.min(x, y));
    counts.push((x <= y ? left.counts[i++]! : 0) + (y <= x ? right.counts[j++]! : 0));
  }
  return { level, keys, counts };
}

/** The value below which a share of the values lies, as its bucket says; NaN where nothing was counted. @param share - 0 to 1 */
export function quantileOf(histogram: Histogram, share: number): number {
  const rank = share * totalOf(histogram);
  let below = 0;
  for (let i = 0; i < histogram.keys.length; i++) {
    below += histogram.counts[i]!;
    if (below >= rank) return valueOfKey(histogram.keys[i]!, histogram.level);
  }
  return Number.NaN;
}

/** Lower edge of the magnitudes of a bucket of level 0. */
function edgeOf(magnitude: number): number {
  return floatOf(Math.max(0, magnitude * 2 * roundingBits - roundingBits));
}

function floatOf(magnitudeBits: number): number {
  if (magnitudeBits >= infinityBits) return 2 ** 128;
  bits[0] = magnitudeBits;
  return float[0]!;
}

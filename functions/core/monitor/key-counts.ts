import { droppedBits, type Histogram, infinityBits, invalidKey, roundingBits } from "./histogram.ts";

/**
 * Counts by key for several columns, in pages of 64 neighbouring keys that are made when a first value falls into them:
 * counting is two loads and an addition, and a column of usual numbers takes a kilobyte or two.
 */
export interface KeyCounts {
  /** Per column, where the page of each 64 keys begins in `counts`, divided by 64; 0 where there is none. */
  readonly pages: Uint16Array;
  /** Grows: not to be held on to. */
  counts: Int32Array;
  pageCount: number;
}

const pageBits = 6;
const pageKeys = 1 << pageBits;
const keyBits = 13;
export const pagesPerColumn = 1 << (keyBits - pageBits);
/** As many as an index of 16 bits reaches. */
const maxPages = 0x1_0000;
const firstPages = 32;
const signShift = keyBits - 1;
/** Of this module's own: a constant of another is loaded each time it is used. */
const [dropped, half, infinity, invalid] = [droppedBits, roundingBits, infinityBits, invalidKey];
const signBit = 1 << signShift;
const keyMask = (1 << keyBits) - 1;

/** A histogram's key without its sign, which no index can have. */
export function memoryKeyOf(key: number): number {
  return key < 0 ? signBit | -key : key;
}

/** @param columns - at most 2^16 pages can be made for all of them together; what falls beyond is not counted. */
export function createKeyCounts(columns: number): KeyCounts {
  return {
    pages: new Uint16Array(columns * pagesPerColumn),
    counts: new Int32Array(firstPages * pageKeys),
    // Page 0 stands for none.
    pageCount: 1,
  };
}

/** Count a key of a column. @param key - as `memoryKeyOf` gives it, or a category's code; higher bits are not looked at */
export function countKey(to: KeyCounts, column: number, key: number): void {
  const at = column * pagesPerColumn + ((key & keyMask) >>> pageBits);
  const page = to.pages[at]! || addPage(to, at);
  const place = (page << pageBits) + (key & (pageKeys - 1));
  to.counts[place] = to.counts[place]! + 1;
}

/** Where floats stand that are counted together, each in a column of its own. */
export interface CountedFloats {
  /** The first one's. */
  readonly feature: number;
  readonly length: number;
  /** Elements of one row, and where in it the first float stands. */
  readonly stride: number;
  readonly column: number;
}

/** Rows whose floats are counted at a time. */
const blockRows = 64;

/**
 * Count the floats of rows, given as their bits.
 *
 * What falls into a page that is not there is counted into page 0, which is nobody's, and then once more: a branch for it
 * within the loop doubles what counting costs.
 */
export function countFloats(to: KeyCounts, floats: CountedFloats, bits: Int32Array, rows: Int32Array): void {
  for (let from = 0; from < rows.length; from += blockRows) {
    const block = rows.subarray(from, from + blockRows);
    countKnown(to, floats, bits, block);
    if (!isAnyMissed(to)) continue;
    to.counts.fill(0, 0, pageKeys);
    for (const missed of missedOf(to, floats, bits, block)) countKey(to, missed >>> keyBits, missed);
  }
}

function countKnown(
  { pages, counts }: KeyCounts,
  { feature, length, stride, column }: CountedFloats,
  bits: Int32Array,
  rows: Int32Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const begin = rows[i]! * stride + column;
    for (let j = 0; j < length; j++) {
      const key = memoryKeyOfBits(bits[begin + j]!);
      const page = pages[(feature + j) * pagesPerColumn + (key >>> pageBits)]!;
      const place = (page << pageBits) + (key & (pageKeys - 1));
      // An hour's counts are far below 2^31.
      counts[place] = (counts[place]! + 1) | 0;
    }
  }
}

function isAnyMissed({ counts }: KeyCounts): boolean {
  let missed = 0;
  for (let slot = 0; slot < pageKeys; slot++) missed |= counts[slot]!;
  return missed !== 0;
}

/** The columns and keys whose pages are not there. */
function missedOf(
  { pages }: KeyCounts,
  { feature, length, stride, column }: CountedFloats,
  bits: Int32Array,
  rows: Int32Array,
): number[] {
  const missed: number[] = [];
  for (const row of rows) {
    for (let j = 0; j < length; j++) {
      const key = memoryKeyOfBits(bits[row * stride + column + j]!);
      if (pages[(feature + j) * pagesPerColumn + (key >>> pageBits)] === 0)
        missed.push(((feature + j) << keyBits) | key);
    }
  }
  return missed;
}

/** As `memoryKeyOf`, of a float32's bits as a signed integer. */
function memoryKeyOfBits(given: number): number {
  const magnitude = given & 0x7fff_ffff;
  const key = magnitude >= infinity ? invalid : (magnitude + half) >>> dropped;
  // The sign without a branch, which would be guessed wrong half of the time.
  return key | ((given >>> (31 - signShift)) & signBit);
}

/** Forget what was counted; the room stays. */
export function clearKeyCounts({ counts, pageCount }: KeyCounts): void {
  counts.fill(0, 0, pageCount << pageBits);
}

/** The counts of a column, and how many of its values were no finite number. */
export function countsOf(
  from: KeyCounts,
  column: number,
): { readonly histogram: Histogram; readonly invalid: number } {
  const keys: number[] = [];
  const counts: number[] = [];
  let invalid = 0;
  const begin = column * pagesPerColumn;
  // Ascending by value: negative numbers from the largest magnitude down, then the others up.
  for (let i = pagesPerColumn - 1; i >= pagesPerColumn / 2; i--) {
    const page = from.pages[begin + i]!;
    for (let slot = pageKeys - 1; page !== 0 && slot >= 0; slot--)
      take(0 - (((i << pageBits) + slot) & (signBit - 1)), from.counts[(page << pageBits) + slot]!);
  }
  for (let i = 0; i < pagesPerColumn / 2; i++) {
    const page = from.pages[begin + i]!;
    for (let slot = 0; page !== 0 && slot < pageKeys; slot++)
      take((i << pageBits) + slot, from.counts[(page << pageBits) + slot]!);
  }
  return { histogram: { level: 0, keys, counts }, invalid };

  function take(key: number, count: number): void {
    if (count === 0) return;
    if (Math.abs(key) === invalidKey) invalid += count;
    else if (keys.length > 0 && keys[keys.length - 1] === key) counts[counts.length - 1]! += count;
    else {
      keys.push(key);
      counts.push(count);
    }
  }
}

/** @returns the new page; 0, which nobody reads, where there is no room. */
function addPage(to: KeyCounts, at: number): number {
  if (to.pageCount === maxPages) return 0;
  const page = to.pageCount++;
  if ((page + 1) << pageBits > to.counts.length) {
    const counts = new Int32Array(to.counts.length * 2);
    counts.set(to.counts);
    to.counts = counts;
  }
  to.pages[at] = page;
  return page;
}

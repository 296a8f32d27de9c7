import { type Histogram, invalidKey, magnitudeKeyOf } from "./histogram.ts";

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
const signBit = 1 << signShift;
const keyMask = (1 << keyBits) - 1;

/** A histogram's key without its sign, which no index can have. */
export function memoryKeyOf(key: number): number {
  return key < 0 ? signBit | -key : key;
}

/** As `memoryKeyOf`, of a float32's bits as a signed integer. */
function memoryKeyOfBits(bits: number): number {
  // The sign, which is the highest bit, without a branch that would be guessed wrong half of the time.
  return magnitudeKeyOf(bits) | ((bits >>> (31 - signShift)) & signBit);
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

/** Count a row's floats, each in a column of its own. @param bits - of the floats, as signed integers, from `begin` on */
export function countFloats(
  to: KeyCounts,
  { feature, length }: { readonly feature: number; readonly length: number },
  bits: Int32Array,
  begin: number,
): void {
  const { pages, counts } = to;
  for (let i = 0; i < length; i++) {
    const key = memoryKeyOfBits(bits[begin + i]!);
    const page = pages[(feature + i) * pagesPerColumn + (key >>> pageBits)]!;
    const place = (page << pageBits) + (key & (pageKeys - 1));
    // With a new page, of which a sketch makes a few in its life, the counts may come to stand elsewhere.
    if (page === 0 || counts !== to.counts) countKey(to, feature + i, key);
    // An hour's counts are far below 2^31.
    else counts[place] = (counts[place]! + 1) | 0;
  }
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

/** @returns the new page; the last one, which nobody reads, where there is no room. */
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

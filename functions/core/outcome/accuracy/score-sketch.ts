import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

/**
 * The scores of two classes, as counts at points: exact up to `maxBins` distinct scores, then neighbours are joined.
 *
 * Joined bins hold a like share of all scores, wherever those clump, which bounds the error of the AUC by about
 * half a share; a score that many events have keeps its point for itself, so ties stay ties.
 */
export interface ScoreSketch {
  /** Ascending, distinct: scores as 32-bit floats, mapped to whole numbers of the same order. */
  readonly keys: number[];
  /** By key. */
  readonly negatives: number[];
  readonly positives: number[];
  /** Bins that are kept; more are joined. */
  readonly maxBins: number;
}

export function emptySketch(maxBins: number): ScoreSketch {
  return { keys: [], negatives: [], positives: [], maxBins };
}

/** Count one score. */
export function addScore(sketch: ScoreSketch, score: number, isPositive: boolean): void {
  const key = keyOf(score);
  const { keys, negatives, positives } = sketch;
  const at = firstFrom(keys, key);
  if (keys[at] !== key) {
    keys.splice(at, 0, key);
    negatives.splice(at, 0, 0);
    positives.splice(at, 0, 0);
  }
  const counts = isPositive ? positives : negatives;
  counts[at]! += 1;
  if (keys.length > sketch.maxBins) joinNeighbours(sketch);
}

/** Add another sketch's counts. */
export function addSketch(sketch: ScoreSketch, other: ScoreSketch): void {
  const own = copyOf(sketch);
  clear(sketch);
  let [i, j] = [0, 0];
  while (i < own.keys.length || j < other.keys.length) {
    const [a, b] = [own.keys[i] ?? Infinity, other.keys[j] ?? Infinity];
    const no = (a <= b ? own.negatives[i]! : 0) + (b <= a ? other.negatives[j]! : 0);
    const yes = (a <= b ? own.positives[i]! : 0) + (b <= a ? other.positives[j]! : 0);
    push(sketch, Math.min(a, b), no, yes);
    if (a <= b) i++;
    if (b <= a) j++;
  }
  if (sketch.keys.length > sketch.maxBins) joinNeighbours(sketch);
}

/**
 * How often a positive is scored above a negative, ties counting one half.
 *
 * @returns from 0 to 1; undefined unless both classes occur.
 */
export function areaUnderRoc({ negatives, positives }: ScoreSketch): number | undefined {
  let below = 0;
  let yesCount = 0;
  let wins = 0;
  for (let i = 0; i < negatives.length; i++) {
    wins += positives[i]! * (below + negatives[i]! / 2);
    below += negatives[i]!;
    yesCount += positives[i]!;
  }
  return below === 0 || yesCount === 0 ? undefined : wins / (below * yesCount);
}

export function writeSketch(writer: BinaryWriter, sketch: ScoreSketch, maxBins: number): void {
  const small = copyOf({ ...sketch, maxBins });
  if (small.keys.length > maxBins) joinNeighbours(small);
  writer.uint32(small.keys.length);
  let previous = 0;
  for (let i = 0; i < small.keys.length; i++) {
    const yes = small.positives[i]!;
    writer.uint32(small.keys[i]! - previous);
    // Most bins hold negatives only: one bit says whether positives follow.
    writer.uint32(small.negatives[i]! * 2 + (yes > 0 ? 1 : 0));
    if (yes > 0) writer.uint32(yes);
    previous = small.keys[i]!;
  }
}

export function readSketch(reader: BinaryReader, maxBins: number): ScoreSketch {
  const sketch = emptySketch(maxBins);
  const count = reader.uint32();
  let key = 0;
  for (let i = 0; i < count; i++) {
    key += reader.uint32();
    const first = reader.uint32();
    push(sketch, key, Math.floor(first / 2), first % 2 === 1 ? reader.uint32() : 0);
  }
  return sketch;
}

/**
 * Join neighbours until at most three quarters of `maxBins` are left, so that the next scores find room: first such as
 * hold two shares of `maxBins` together, then more.
 */
function joinNeighbours(sketch: ScoreSketch): void {
  const before = copyOf(sketch);
  const total = [...before.negatives, ...before.positives].reduce((sum, count) => sum + count, 0);
  let most = (2 * total) / sketch.maxBins;
  do {
    clear(sketch);
    joinUpTo(most, before, sketch);
    most *= 1.25;
  } while (sketch.keys.length > 0.75 * sketch.maxBins);
}

/** Join neighbours in ascending order while a bin holds at most `most` scores. */
function joinUpTo(most: number, from: ScoreSketch, to: ScoreSketch): void {
  let [weight, moment, no, yes] = [0, 0, 0, 0];
  for (let i = 0; i <= from.keys.length; i++) {
    const added = (from.negatives[i] ?? Infinity) + (from.positives[i] ?? Infinity);
    if (weight > 0 && weight + added > most) {
      push(to, Math.round(moment / weight), no, yes);
      [weight, moment, no, yes] = [0, 0, 0, 0];
    }
    weight += added;
    moment += added * (from.keys[i] ?? 0);
    no += from.negatives[i] ?? 0;
    yes += from.positives[i] ?? 0;
  }
}

function push({ keys, negatives, positives }: ScoreSketch, key: number, no: number, yes: number): void {
  keys.push(key);
  negatives.push(no);
  positives.push(yes);
}

function copyOf({ keys, negatives, positives, maxBins }: ScoreSketch): ScoreSketch {
  return { keys: [...keys], negatives: [...negatives], positives: [...positives], maxBins };
}

function clear({ keys, negatives, positives }: ScoreSketch): void {
  keys.length = 0;
  negatives.length = 0;
  positives.length = 0;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bits of a float as a whole number that orders as the float does: negative ones turned round, below the others. */
function keyOf(score: number): number {
  // Adding zero makes -0 the same as 0.
  float[0] = score + 0;
  const raw = bits[0]!;
  return raw >= 0x80000000 ? 0xffffffff - raw : raw + 0x80000000;
}

/** Position of the first key that is not below `key`. */
function firstFrom(keys: readonly number[], key: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

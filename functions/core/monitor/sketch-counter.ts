import { clearKeyCounts, countColumn, countKey, countsOf, createKeyCounts } from "./key-counts.ts";
import type { FeatureSketch, Sketch } from "./sketch.ts";
import { missingBit, noKey, type SketchProgram } from "./sketch-program.ts";

/** Rows as keys, and what became of them. */
export interface KeyedRows {
  /** As a `SketchProgram` wrote them. */
  readonly keys: Uint16Array;
  /** One of `RowFate` per row. */
  readonly fates: Uint8Array;
  /** Milliseconds that each row's share of the run took. */
  readonly rowMs: number;
}

/** What became of a row: one that was refused before the model ran is not counted. */
export const RowFate = { scored: 0, failed: 1, refused: 2 } as const;

/** Rows whose keys, and one column's counts, a processor holds nearest to it. */
const blockRows = 64;

/** Counts rows in memory. */
export interface SketchCounter {
  /** Rows that are counted. */
  readonly rows: number;
  /** @param order - positions of the rows to count. */
  add(rows: KeyedRows, order: Int32Array): void;
  /** Hand over what was counted, and begin anew. */
  take(): Sketch;
}

/** @param knowsMissing - whether the keys say which values are defaults. */
export function createSketchCounter(
  { kinds, missable, scoreCount, width }: SketchProgram,
  knowsMissing = true,
): SketchCounter {
  const counts = createKeyCounts(width);
  const missing = new Float64Array(kinds.length);
  const featureCount = kinds.length;
  let [rows, failed, runMs] = [0, 0, 0];
  /** Where the keys of rows begin: of all that are counted, and of those that have scores. */
  let counted = new Int32Array(0);
  let scored = new Int32Array(0);

  return {
    get rows() {
      return rows;
    },
    add,
    take,
  };

  function add({ keys, fates, rowMs }: KeyedRows, order: Int32Array): void {
    if (counted.length < order.length) {
      counted = new Int32Array(order.length);
      scored = new Int32Array(order.length);
    }
    let [count, scoredCount] = [0, 0];
    for (let i = 0; i < order.length; i++) {
      const row = order[i]!;
      if (fates[row] === RowFate.refused) continue;
      counted[count++] = row * width;
      if (fates[row] === RowFate.scored) scored[scoredCount++] = row * width;
    }
    for (let from = 0; from < count; from += blockRows) {
      const begins = counted.subarray(from, Math.min(count, from + blockRows));
      for (let feature = 0; feature < featureCount; feature++) countColumn(counts, feature, keys, begins);
      for (let i = 0; i < missable.length; i++)
        missing[missable[i]!]! += missingIn(keys, missable[i]!, begins);
    }
    const begins = scored.subarray(0, scoredCount);
    for (let column = featureCount; column < width; column++) countScores(column, keys, begins);
    rows += count;
    runMs += count * rowMs;
    failed += count - scoredCount;
  }

  function countScores(column: number, keys: Uint16Array, begins: Int32Array): void {
    for (let i = 0; i < begins.length; i++) {
      const key = keys[begins[i]! + column]!;
      if (key !== noKey) countKey(counts, column, key);
    }
  }

  function take(): Sketch {
    const features = kinds.map((kind, i): FeatureSketch => {
      return { kind, ...countsOf(counts, i), missing: knowsMissing ? missing[i]! : undefined };
    });
    const scores = Array.from({ length: scoreCount }, (_, i) => countsOf(counts, featureCount + i).histogram);
    const taken = { rows, failed, runMs, features, scores };
    clearKeyCounts(counts);
    missing.fill(0);
    [rows, failed, runMs] = [0, 0, 0];
    return taken;
  }
}

function missingIn(keys: Uint16Array, feature: number, begins: Int32Array): number {
  let count = 0;
  for (let i = 0; i < begins.length; i++) count += keys[begins[i]! + feature]! >>> missingBit;
  return count;
}

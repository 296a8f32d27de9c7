import { clearKeyCounts, countKey, countKeys, countsOf, createKeyCounts } from "./key-counts.ts";
import type { FeatureSketch, Sketch } from "./sketch.ts";
import { missingFlag, noKey, type SketchProgram } from "./sketch-program.ts";

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

  return {
    get rows() {
      return rows;
    },
    add,
    take,
  };

  function add({ keys, fates, rowMs }: KeyedRows, order: Int32Array): void {
    for (let i = 0; i < order.length; i++) {
      const row = order[i]!;
      const fate = fates[row]!;
      if (fate === RowFate.refused) continue;
      const begin = row * width;
      countKeys(counts, keys, begin, featureCount);
      for (let j = 0; j < missable.length; j++)
        if (keys[begin + missable[j]!]! >= missingFlag) missing[missable[j]!]!++;
      rows++;
      runMs += rowMs;
      if (fate === RowFate.failed) failed++;
      else countScores(keys, begin);
    }
  }

  function countScores(keys: Uint16Array, begin: number): void {
    for (let column = featureCount; column < width; column++) {
      const key = keys[begin + column]!;
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

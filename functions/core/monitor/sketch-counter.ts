import { clearKeyCounts, countFloats, countKey, countsOf, createKeyCounts } from "./key-counts.ts";
import type { FeatureSketch, Sketch } from "./sketch.ts";
import { noKey, RowFate, type SketchProgram, type TakenRows } from "./sketch-program.ts";

/** Counts rows in memory. */
export interface SketchCounter {
  /** Rows that are counted. */
  readonly rows: number;
  /**
   * @param order - positions of the rows to count.
   * @param rowMs - milliseconds that each row's share of the run took.
   */
  add(rows: TakenRows, order: Int32Array, rowMs: number): void;
  /** Hand over what was counted, and begin anew. */
  take(): Sketch;
}

/** @param knowsMissing - whether the keys say which values are defaults. */
export function createSketchCounter(program: SketchProgram, knowsMissing = true): SketchCounter {
  const { kinds, missable, floats, keyed, scoreCount } = program;
  const featureCount = kinds.length;
  const counts = createKeyCounts(featureCount + scoreCount);
  const missing = new Float64Array(featureCount);
  let [rows, failed, runMs] = [0, 0, 0];

  return {
    get rows() {
      return rows;
    },
    add,
    take,
  };

  function add(taken: TakenRows, order: Int32Array, rowMs: number): void {
    for (let i = 0; i < order.length; i++) {
      const row = order[i]!;
      const fate = taken.fates[row]!;
      if (fate === RowFate.refused) continue;
      for (let j = 0; j < floats.length; j++) {
        const run = floats[j]!;
        countFloats(counts, run, taken.floats[run.input]!, row * run.stride + run.column);
      }
      if (keyed.length > 0) countKeyed(taken, row);
      if (missable.length > 0) countMissing(taken, row);
      rows++;
      runMs += rowMs;
      if (fate === RowFate.failed) failed++;
      else countScores(taken, row);
    }
  }

  function countKeyed({ keys }: TakenRows, row: number): void {
    const begin = row * (keyed.length + scoreCount);
    for (let i = 0; i < keyed.length; i++) countKey(counts, keyed[i]!, keys[begin + i]!);
  }

  function countScores({ keys }: TakenRows, row: number): void {
    const begin = row * (keyed.length + scoreCount) + keyed.length;
    for (let i = 0; i < scoreCount; i++) {
      const key = keys[begin + i]!;
      if (key !== noKey) countKey(counts, featureCount + i, key);
    }
  }

  function countMissing(taken: TakenRows, row: number): void {
    const begin = row * program.missingStride;
    for (let i = 0; i < missable.length; i++) missing[missable[i]!]! += taken.missing[begin + missable[i]!]!;
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

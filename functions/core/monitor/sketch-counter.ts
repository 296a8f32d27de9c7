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
  const { kinds, missable, missingStride, floats, keyed, scoreCount } = program;
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
    const { keys, fates } = taken;
    const areScored = order.every((row) => fates[row] === RowFate.scored);
    const counted = areScored ? order : order.filter((row) => fates[row] !== RowFate.refused);
    const scored = areScored ? order : order.filter((row) => fates[row] === RowFate.scored);
    for (const run of floats) countFloats(counts, run, taken.floats[run.input]!, counted);
    for (const [i, feature] of keyed.entries()) countKeys(feature, { keys, column: i, order: counted });
    for (let i = 0; i < scoreCount; i++)
      countKeys(featureCount + i, { keys, column: keyed.length + i, order: scored });
    for (const feature of missable) {
      let sum = 0;
      for (let i = 0; i < counted.length; i++) sum += taken.missing[counted[i]! * missingStride + feature]!;
      missing[feature]! += sum;
    }
    rows += counted.length;
    failed += counted.length - scored.length;
    runMs += counted.length * rowMs;
  }

  function countKeys(
    to: number,
    from: { readonly keys: Uint16Array; readonly column: number; readonly order: Int32Array },
  ): void {
    const { keys, column, order } = from;
    const width = keyed.length + scoreCount;
    for (let i = 0; i < order.length; i++) {
      const key = keys[order[i]! * width + column]!;
      if (key !== noKey) countKey(counts, to, key);
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

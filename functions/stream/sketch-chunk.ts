import type { Role } from "../contract/ledger.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { RowResult } from "../core/inference/run-rows.ts";
import type { RowMarks, SketchRecorder } from "../core/monitor/sketch-recorder.ts";

/** Told what a version said of the rows that were counted, and how long it took. */
export type SketchResults = (results: readonly RowResult[], runMs: number) => void;

/**
 * Counts the rows that stand in a version's buffers, before it runs.
 *
 * @param rows - per row of the champion's, the version's own; absent where they are the same.
 * @returns undefined where nothing is counted.
 */
export type SketchTurn = (
  model: LoadedModel,
  role: Role,
  count: number,
  rows?: ReadonlyMap<number, number | undefined>,
) => SketchResults | undefined;

/** What of a chunk is counted into sketches, by the champion's rows. */
export interface SketchedChunk {
  readonly timesMs: readonly number[];
  readonly marks: RowMarks;
}

export function createSketchTurn(recorder: SketchRecorder | undefined, chunk: SketchedChunk): SketchTurn {
  return (model, role, count, rows) => {
    if (recorder === undefined || count === 0) return undefined;
    if (rows === undefined) return recorder.add({ model, role, count, ...chunk });
    const timesMs = new Array<number>(count);
    const rowOf = new Array<number>(count);
    for (const [row, own] of rows) {
      if (own === undefined) continue;
      timesMs[own] = chunk.timesMs[row]!;
      rowOf[own] = row;
    }
    // A row that was given up between encoding and running stands where it stood, and is not counted.
    if (timesMs.includes(undefined as never)) return undefined;
    const marks = { at: (own: number) => chunk.marks.at(rowOf[own]!) };
    return recorder.add({ model, role, count, timesMs, marks });
  };
}

import type { ModelDigest } from "../../contract/ids.ts";
import type { Role } from "../../contract/ledger.ts";
import type { Problem } from "../features/column.ts";
import type { LoadedModel } from "../inference/loaded-model.ts";
import type { RowResult } from "../inference/run-rows.ts";
import type { Mark } from "../state/mark.ts";

/** The rows of one chunk, which stand in the model's buffers from 0 on. */
export interface SketchedRows {
  readonly model: LoadedModel;
  readonly role: Role;
  readonly count: number;
  /** Event times, epoch milliseconds, one per row; kept for a while, and so not to be changed. */
  readonly timesMs: readonly number[];
  /** One per row, ascending: a row that an earlier delivery counted is not counted again. Kept as well. */
  readonly marks: RowMarks;
}

/** A list of marks, or what makes those few that are asked for. */
export interface RowMarks {
  at(row: number): Mark | undefined;
}

/** What became of a row. A reason that is no `ModelRunError` was found before the model ran: the row is not counted. */
export type SketchedResult = RowResult | Problem;

/** Counts what a model was asked and what it said into histograms by version, role and event hour. */
export interface SketchRecorder {
  /**
   * Take the features of a chunk down; to be called before the model runs, which may move the rows.
   *
   * @returns to be called with the results, one per row in order, and how long the run took, milliseconds: rows of
   *   a run that is given up, and comes again, leave nothing.
   */
  add(rows: SketchedRows): (results: readonly SketchedResult[], runMs: number) => void;
  /**
   * Count the rows of a batch that has come to its end, and write what was counted, if it is time to: two seconds after
   * the last time. What is not written yet when the environment ends is not counted by anybody.
   *
   * Never throws: a failed write is counted and tried again with the next.
   *
   * @param before - the mark of the first event that is delivered again, if any: it and those behind it are not counted.
   */
  flush(before?: Mark): Promise<void>;
}

/** Who writes: the shard of an invocation, or an environment that answers HTTPS. */
export type OpenSketches = (writer: string) => SketchRecorder;

/** What tells a sketch from all others of its model. */
export interface SketchKey {
  /** `yyyy-mm-ddThh`, UTC, of the events. */
  readonly hour: string;
  readonly role: Role;
  readonly digest: ModelDigest;
}

import type { ModelDigest } from "../../contract/ids.ts";
import type { Role } from "../../contract/ledger.ts";
import type { LoadedModel } from "../inference/loaded-model.ts";
import type { RowResult } from "../inference/run-rows.ts";
import type { Mark } from "../state/mark.ts";

/** The rows of one chunk, which stand in the model's buffers from 0 on. */
export interface SketchedRows {
  readonly model: LoadedModel;
  readonly role: Role;
  readonly count: number;
  /** Event times, epoch milliseconds, one per row. */
  readonly timesMs: readonly number[];
  /** One per row, ascending: a row that an earlier delivery counted is not counted again. */
  readonly marks: readonly Mark[];
}

/** Counts what a model was asked and what it said into histograms by version, role and event hour. */
export interface SketchRecorder {
  /**
   * Count the features of a chunk; to be called before the model runs, which may move the rows.
   *
   * @returns to be called with the results, one per row in order, and how long the run took.
   */
  add(rows: SketchedRows): (results: readonly RowResult[], runMs: number) => void;
  /**
   * Write what was counted, if it is time to: a few seconds after the last time, or when much has come together. What is
   * not written yet when the environment ends is not counted by anybody.
   *
   * Never throws: a failed write is counted and tried again with the next.
   */
  flush(): Promise<void>;
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

import type { PredictionBatch } from "./prediction-batch.ts";

/** Result of storing a batch; rows that are in neither list were written. */
export interface StoreResult {
  /** Rows that an earlier delivery had written: row → the body that stands, which is what counts. */
  readonly existing: ReadonlyMap<number, string>;
  /** Rows that could not be written after bounded retries, ascending. */
  readonly failed: readonly number[];
}

/** Predictions with their features, kept to be joined with outcomes. */
export interface PredictionStore {
  /** Put every row on condition that none with its prediction id exists. Never throws for single rows. */
  put(batch: PredictionBatch): Promise<StoreResult>;
}

/** The stream that consumers read predictions from. */
export interface PredictionStream {
  /**
   * Put every body under its entity as partition key, at least once.
   *
   * @returns rows that could not be put after bounded retries, ascending.
   */
  put(batch: PredictionBatch): Promise<readonly number[]>;
}

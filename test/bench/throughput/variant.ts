import type { KinesisStreamEvent } from "aws-lambda";

/** One way to predict on a delivery. */
export interface Variant {
  readonly name: string;
  /**
   * The part that is timed.
   *
   * @param rows - the features of the event's records, as a tensor.
   */
  run(event: KinesisStreamEvent, rows: Float32Array): Promise<void>;
  /** Forget what was predicted, and hand it over: one number per record, in order. */
  takeScores(): readonly number[];
  release(): Promise<void>;
}

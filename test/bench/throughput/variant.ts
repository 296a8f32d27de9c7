import type { KinesisStreamEvent } from "aws-lambda";

/** One way to predict on a delivery. @typeParam Event - what the function is called with. */
export interface Variant<Event = KinesisStreamEvent> {
  readonly name: string;
  /**
   * The part that is timed.
   *
   * @param rows - the features of the event's rows, as a tensor.
   */
  run(event: Event, rows: Float32Array): Promise<void>;
  /** Forget what was predicted, and hand it over: one number per row, in order. */
  takeScores(): readonly number[];
  release(): Promise<void>;
}

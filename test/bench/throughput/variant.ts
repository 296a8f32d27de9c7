import type { Delivery } from "./workload.ts";

/** One way to predict on a delivery. */
export interface Variant {
  readonly name: string;
  /** The part that is timed. */
  run(delivery: Delivery): Promise<void>;
  /** Forget what was predicted, and hand it over: one number per record, in order. */
  takeScores(): readonly number[];
  release(): Promise<void>;
}

import {
  type EarlyOutcome,
  type Example,
  type ExampleKind,
  type ExampleRange,
  exampleKey,
} from "../../contract/example.ts";
import { hourOf } from "./accuracy-store.ts";

/** What one batch of a shard gave for training. */
export interface ExampleBatch extends ExampleRange {
  readonly examples: readonly Example[];
  readonly early: readonly EarlyOutcome[];
}

/** Where examples and early outcomes go. */
export interface ExampleStore {
  /**
   * Write one object per kind and hour of the outcomes; a redelivered batch writes the same ones.
   *
   * @throws {DependencyError} when the store cannot be reached; the caller reports the events as not done.
   */
  write(batch: ExampleBatch): Promise<void>;
}

/** The objects that a batch is written as: their keys and lines. */
export function exampleObjects(
  batch: ExampleBatch,
): { readonly key: string; readonly lines: readonly (Example | EarlyOutcome)[] }[] {
  const objectsOf = (kind: ExampleKind, lines: readonly (Example | EarlyOutcome)[]) =>
    [...Map.groupBy(lines, ({ outcomeTime }) => hourOf(outcomeTime))].map(([hour, each]) => ({
      key: exampleKey(kind, hour, batch),
      lines: each,
    }));
  return [...objectsOf("examples", batch.examples), ...objectsOf("early", batch.early)];
}

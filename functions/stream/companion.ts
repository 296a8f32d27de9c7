import type { RowBuffers } from "../core/features/row-buffers.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { Mark } from "../core/state/mark.ts";

/** An event that the version that answers has let in. */
export interface PassedEvent {
  /** A record's base64 data, or the event's own bytes. */
  readonly source: string | Buffer;
  readonly mark: Mark;
  /** Its row in the answering version's buffers; undefined where none is wanted of it. */
  readonly row: number | undefined;
  readonly arrivalMs: number;
  /** The shard's newest event time before this event; -Infinity where it is the first. */
  readonly newestMs: number;
}

/**
 * A version that runs beside the one that answers, on the same events: its rows stand in its own buffers, one behind the
 * other, in the order of the answering version's.
 */
export interface Companion {
  readonly model: LoadedModel;
  /** Whether its rows are the answering version's, to the byte. */
  readonly isTwin: boolean;
  /** Rows that stand in its buffers and are still to be run. */
  readonly count: number;
  /** Whether the next row would find no room. */
  readonly isFull: boolean;
  take(event: PassedEvent): void;
  /**
   * Bring the rows of the chunk up to date with the state before them; after the answering version's, before it runs.
   *
   * @returns per row wanted, its own row; undefined for one that it cannot take.
   * @throws {DependencyError} when state cannot be read.
   */
  fill(answering: RowBuffers): Promise<ReadonlyMap<number, number | undefined>>;
  /** Forget the rows. */
  clear(): void;
  /** Write what the batch added to state that is its alone. @returns the lowest mark that is not wholly done, if any */
  save(before: Mark | undefined): Promise<Mark | undefined>;
  /** Told that everything up to a mark is done. */
  followed(mark: Mark): void;
}

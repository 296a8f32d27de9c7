import type { Mark } from "./mark.ts";

/** What one shard has put into an item: owned by that shard's single writer, rewritten whole. */
export interface ShardPart {
  readonly mark: Mark;
  /** Meaning is the caller's. */
  readonly body: Uint8Array;
}

/** One item of state: a part per shard that has written to it; readers merge them. */
export interface StateItem {
  readonly sortKey: string;
  /** By the shard's id, as the stream names it. */
  readonly parts: ReadonlyMap<string, ShardPart>;
}

/** Items of one partition key whose sort keys lie between two, both included, in the order of their UTF-8 bytes. */
export interface StateRange {
  readonly partitionKey: string;
  readonly from: string;
  readonly to: string;
}

export interface StateWrite {
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly shard: string;
  /** The mark that was read, undefined where the shard had no part: the write is made on condition that it still stands. */
  readonly expected: Mark | undefined;
  readonly part: ShardPart;
  /** When the item may be forgotten, epoch seconds. */
  readonly expiresAt: number;
}

/** A write that was not made. */
export interface FailedWrite {
  /** Position in the list given. */
  readonly index: number;
  /** `conflict`: another mark stands, so another writer was there; `unavailable`: throttled, slow or refused, after bounded retries. */
  readonly reason: "conflict" | "unavailable";
}

/** State that is fenced per shard: tiles, clocks, accuracy, sketches. */
export interface ShardStateStore {
  /**
   * Read consistently.
   *
   * @returns per range, in the order given, its items in ascending order of sort key.
   * @throws {DependencyError} when a range cannot be read after bounded retries.
   */
  read(ranges: readonly StateRange[]): Promise<readonly (readonly StateItem[])[]>;
  /** Make every write on its condition, in parallel; never throws for single ones. @returns those not made, ascending. */
  write(writes: readonly StateWrite[]): Promise<readonly FailedWrite[]>;
}

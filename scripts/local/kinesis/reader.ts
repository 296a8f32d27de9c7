/** What the event-source poller reads; the in-memory Kinesis implements it without the wire in between. */
export interface KinesisReader {
  /** Every shard of the stream, open or closed, in creation order. */
  listShards(streamArn: string): readonly ShardInfo[];
  /** A cursor into one shard; same meaning as `GetShardIterator`. */
  openCursor(streamArn: string, shardId: string, start: ShardStart): ShardCursor;
  /** Called whenever shards appear or close (split, merge, update of the shard count). @returns unsubscribe. */
  onShardsChanged(streamArn: string, listener: () => void): () => void;
}

export interface ShardInfo {
  readonly shardId: string;
  readonly parentShardId?: string;
  readonly adjacentParentShardId?: string;
  /** A closed shard takes no more records; it ends when its last record is read. */
  readonly closed: boolean;
}

export type ShardStart =
  | { readonly type: "TRIM_HORIZON" }
  | { readonly type: "LATEST" }
  | { readonly type: "AT_TIMESTAMP"; readonly timestampMs: number }
  | { readonly type: "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER"; readonly sequenceNumber: string };

export interface StoredRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Buffer;
  readonly arrivalTimestampMs: number;
}

export interface ShardCursor {
  /**
   * Up to `maxRecords` records from the cursor on, which moves past them. Empty when there is nothing (yet).
   * `ended` is true once a closed shard has been read to its end.
   */
  read(maxRecords: number): { readonly records: readonly StoredRecord[]; readonly ended: boolean };
  /** Resolves as soon as a read would return a record or `ended`; rejects with the signal's reason when aborted. */
  waitForData(signal: AbortSignal): Promise<void>;
  /** Milliseconds between now and the arrival of the next unread record; 0 at the tip. */
  millisBehindLatest(): number;
}

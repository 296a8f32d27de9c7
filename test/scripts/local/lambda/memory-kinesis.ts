import type {
  KinesisReader,
  ShardCursor,
  ShardInfo,
  ShardStart,
  StoredRecord,
} from "../../../../scripts/local/kinesis/reader.ts";

interface MemoryShard {
  info: ShardInfo;
  readonly records: StoredRecord[];
  readonly wakers: Set<() => void>;
}

/** The smallest stream that meets the reader's contract: one stream, shards that are added and closed by hand. */
export class MemoryKinesis implements KinesisReader {
  readonly shards = new Map<string, MemoryShard>();
  readonly #listeners = new Set<() => void>();
  #sequence = 0;

  addShard(shardId: string, parents: readonly string[] = []): void {
    const [parentShardId, adjacentParentShardId] = parents;
    const info = { shardId, parentShardId, adjacentParentShardId, closed: false };
    this.shards.set(shardId, { info, records: [], wakers: new Set() });
    this.#changed();
  }

  closeShard(shardId: string): void {
    const shard = this.#shard(shardId);
    shard.info = { ...shard.info, closed: true };
    wake(shard);
    this.#changed();
  }

  /** @returns the record's sequence number: zero-padded, so that text order is stream order. */
  put(shardId: string, data: string | Buffer, arrivalTimestampMs = Date.now(), partitionKey = "key"): string {
    const shard = this.#shard(shardId);
    this.#sequence += 1;
    const sequenceNumber = String(this.#sequence).padStart(20, "0");
    shard.records.push({ sequenceNumber, partitionKey, data: Buffer.from(data), arrivalTimestampMs });
    wake(shard);
    return sequenceNumber;
  }

  listShards(): readonly ShardInfo[] {
    return [...this.shards.values()].map(({ info }) => info);
  }

  openCursor(_streamArn: string, shardId: string, start: ShardStart): ShardCursor {
    const shard = this.#shard(shardId);
    let position = positionOf(shard, start);
    const isReady = () => position < shard.records.length || shard.info.closed;
    return {
      read(maxRecords) {
        const records = shard.records.slice(position, position + maxRecords);
        position += records.length;
        return { records, ended: shard.info.closed && position === shard.records.length };
      },
      async waitForData(signal) {
        signal.throwIfAborted();
        if (isReady()) return;
        await new Promise<void>((resolve, reject) => {
          const stop = () => reject(signal.reason);
          const proceed = () => {
            shard.wakers.delete(proceed);
            signal.removeEventListener("abort", stop);
            resolve();
          };
          shard.wakers.add(proceed);
          signal.addEventListener("abort", stop, { once: true });
        });
      },
      millisBehindLatest() {
        const next = shard.records[position];
        return next === undefined ? 0 : Math.max(1, Date.now() - next.arrivalTimestampMs);
      },
    };
  }

  onShardsChanged(_streamArn: string, listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #shard(shardId: string): MemoryShard {
    const shard = this.shards.get(shardId);
    if (shard === undefined) throw new Error(`no shard ${shardId}`);
    return shard;
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function positionOf({ records }: MemoryShard, start: ShardStart): number {
  if (start.type === "TRIM_HORIZON") return 0;
  if (start.type === "LATEST") return records.length;
  if (start.type !== "AT_TIMESTAMP") throw new Error(`not needed by the poller: ${start.type}`);
  const index = records.findIndex(({ arrivalTimestampMs }) => arrivalTimestampMs >= start.timestampMs);
  return index < 0 ? records.length : index;
}

function wake({ wakers }: MemoryShard): void {
  for (const waker of [...wakers]) waker();
}

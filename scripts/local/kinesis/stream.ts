import { formatHashKey, type HashKeyRange, hashKeyOfPartitionKey } from "./hash-key-range.ts";
import { endingCounter, formatSequenceNumber, sequenceNumbersOf } from "./sequence-number.ts";
import { ShardLog } from "./shard-log.ts";
import { createWriteThrottle } from "./write-throttle.ts";

/** Keys and values of one stream consumer (enhanced fan-out), which is recorded but gets no records pushed. */
export interface StreamConsumer {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
}

export interface Stream {
  readonly name: string;
  readonly arn: string;
  /** Tells apart two streams that had one name in turn. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly maxShardBytes: number;
  readonly throttle: boolean;
  onDemand: boolean;
  retentionHours: number;
  maxRecordSizeKiB: number;
  /** The KMS key when the stream is encrypted; nothing is really encrypted in memory. */
  encryptionKeyId: string | undefined;
  readonly tags: Map<string, string>;
  readonly consumers: Map<string, StreamConsumer>;
  /** In creation order, which is the order of their ids. */
  shards: readonly Shard[];
  /** The open shards by hash key; they always cover every hash key once. */
  openShards: readonly Shard[];
  nextShardIndex: number;
  readonly shardListeners: Set<() => void>;
}

export interface Shard {
  readonly id: string;
  readonly index: number;
  readonly range: HashKeyRange;
  /** `range.start` as 32 hexadecimal digits. */
  readonly startHashKey: string;
  readonly parentId: string | undefined;
  readonly adjacentParentId: string | undefined;
  readonly createdAtMs: number;
  readonly createdSeconds: number;
  readonly startingSequenceNumber: string;
  readonly sequenceNumber: (counter: number, seconds: number) => string;
  readonly log: ShardLog;
  readonly admit: ((sizeBytes: number, nowMs: number) => boolean) | undefined;
  lastArrivalMs: number;
  closedAtMs: number | undefined;
  endingSequenceNumber: string | undefined;
}

/** The oldest moment of which the stream still holds records. */
export function trimHorizonMs(stream: Stream, nowMs: number): number {
  return nowMs - stream.retentionHours * 3_600_000;
}

/** Open a shard; the caller keeps the open shards covering every hash key once. */
export function openShard(
  stream: Stream,
  range: HashKeyRange,
  nowMs: number,
  parents: readonly Shard[] = [],
): Shard {
  const index = stream.nextShardIndex;
  stream.nextShardIndex += 1;
  // Above every parent's, so that a key's sequence numbers rise across a split within one second.
  const createdSeconds = Math.max(
    Math.floor(nowMs / 1000),
    ...parents.map((parent) => parent.createdSeconds + 1),
  );
  const identity = { shardCreatedSeconds: createdSeconds, shardIndex: index };
  const shard: Shard = {
    id: `shardId-${String(index).padStart(12, "0")}`,
    index,
    range,
    startHashKey: formatHashKey(range.start),
    parentId: parents[0]?.id,
    adjacentParentId: parents[1]?.id,
    createdAtMs: nowMs,
    createdSeconds,
    startingSequenceNumber: formatSequenceNumber({ ...identity, counter: 0n, seconds: createdSeconds }),
    sequenceNumber: sequenceNumbersOf(identity),
    log: new ShardLog(stream.maxShardBytes),
    admit: stream.throttle ? createWriteThrottle() : undefined,
    lastArrivalMs: nowMs,
    closedAtMs: undefined,
    endingSequenceNumber: undefined,
  };
  stream.shards = [...stream.shards, shard];
  stream.openShards = [...stream.openShards, shard].sort((a, b) => (a.range.start < b.range.start ? -1 : 1));
  return shard;
}

/** Close a shard; its records stay readable until their retention ends. */
export function closeShard(stream: Stream, shard: Shard, nowMs: number): void {
  shard.closedAtMs = nowMs;
  shard.endingSequenceNumber = formatSequenceNumber({
    shardCreatedSeconds: shard.createdSeconds,
    shardIndex: shard.index,
    counter: endingCounter,
    seconds: Math.floor(nowMs / 1000),
  });
  stream.openShards = stream.openShards.filter((open) => open !== shard);
  shard.log.close();
}

/** Forget the records and the closed shards whose retention has ended. */
export function trimStream(stream: Stream, nowMs: number): void {
  const horizonMs = trimHorizonMs(stream, nowMs);
  for (const shard of stream.shards) shard.log.trimBefore(horizonMs);
  if (stream.shards.some((shard) => hasExpired(shard, horizonMs))) {
    stream.shards = stream.shards.filter((shard) => !hasExpired(shard, horizonMs));
  }
}

/** One record on its way into a stream. */
export interface NewRecord {
  readonly partitionKey: string;
  /** 32 hexadecimal digits; the MD5 of the partition key unless given. */
  readonly hashKey?: string | undefined;
  readonly data: Buffer;
}

/** Append one record to the shard of its hash key. @returns where it went, or only the shard when that is throttled. */
export function appendRecord(
  stream: Stream,
  record: NewRecord,
  nowMs: number,
): { readonly shard: Shard; readonly sequenceNumber: string | undefined } {
  const { partitionKey, data } = record;
  const shard = shardOfHashKey(stream, record.hashKey ?? hashKeyOfPartitionKey(partitionKey));
  const sizeBytes = data.length + Buffer.byteLength(partitionKey);
  if (shard.admit && !shard.admit(sizeBytes, nowMs)) return { shard, sequenceNumber: undefined };
  // A clock that steps back must not put arrivals out of order: AT_TIMESTAMP searches them.
  const arrivalTimestampMs = Math.max(nowMs, shard.lastArrivalMs);
  shard.lastArrivalMs = arrivalTimestampMs;
  const sequenceNumber = shard.sequenceNumber(shard.log.next + 1, Math.floor(arrivalTimestampMs / 1000));
  shard.log.trimBefore(trimHorizonMs(stream, nowMs));
  shard.log.append({ sequenceNumber, partitionKey, data, arrivalTimestampMs });
  return { shard, sequenceNumber };
}

function shardOfHashKey(stream: Stream, hashKey: string): Shard {
  let low = 0;
  let high = stream.openShards.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (stream.openShards[middle]!.startHashKey <= hashKey) low = middle;
    else high = middle - 1;
  }
  return stream.openShards[low]!;
}

function hasExpired(shard: Shard, horizonMs: number): boolean {
  return shard.closedAtMs !== undefined && shard.closedAtMs < horizonMs;
}

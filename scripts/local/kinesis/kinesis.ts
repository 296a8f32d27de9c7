import { AwsError } from "../aws-error.ts";
import type { LocalService } from "../service.ts";
import { findShard, findStream, type KinesisContext } from "./kinesis-context.ts";
import { addStream, defaultMaxRecordSizeKiB, onDemandShardCount } from "./operations/create-stream.ts";
import { removeStream } from "./operations/delete-stream.ts";
import { checkedRetentionHours } from "./operations/retention-period.ts";
import { addConsumer, removeConsumer } from "./operations/stream-consumers.ts";
import { kinesisOperations } from "./operations.ts";
import type { KinesisReader } from "./reader.ts";
import { createShardCursor } from "./shard-cursor.ts";
import { positionOfStart } from "./shard-position.ts";
import { createTokenSealer } from "./signed-token.ts";
import type { StreamConsumer } from "./stream.ts";
import { answerRequest } from "./wire.ts";

export interface KinesisOptions {
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /**
   * Most bytes one shard holds, with 256 more counted for each record. Beyond that the oldest records go as if
   * their retention had ended; `describe(name).evictedRecordCount` tells how many did.
   *
   * @default 128 MiB
   */
  readonly maxShardBytes?: number;
  /** Hold each shard to 1,000 records/s and 1 MiB/s of writes, as AWS does. @default false */
  readonly throttle?: boolean;
  /** Called before each operation that comes over the wire; what it throws is the operation's answer. */
  readonly beforeOperation?: (operation: string, input: unknown) => void | Promise<void>;
}

/** What a template says of a stream. */
export interface StreamSettings {
  readonly streamName: string;
  /** At least 1. @default 4 on demand, else 1 */
  readonly shardCount?: number | undefined;
  readonly onDemand: boolean;
  /** 24 to 8,760. */
  readonly retentionHours: number;
  readonly encryption?: { readonly keyId: string } | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface StreamSnapshot {
  readonly streamName: string;
  readonly streamArn: string;
  readonly onDemand: boolean;
  readonly retentionHours: number;
  readonly openShardCount: number;
  readonly encryptionKeyId: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  /** Bytes held in memory by all its shards, with 256 counted for each record. */
  readonly sizeBytes: number;
  /** Records dropped for room (`maxShardBytes`) before their retention had ended. */
  readonly evictedRecordCount: number;
}

/** The wire, what the event-source poller reads, and what the deployer calls. All methods throw `AwsError`. */
export interface KinesisService extends LocalService, KinesisReader {
  createStream(settings: StreamSettings): { readonly streamArn: string };
  /** Deletes the stream with its records and its consumers; cursors on it end. */
  deleteStream(streamName: string): void;
  /** Registers a consumer (enhanced fan-out); the poller reads by its stream as for any other. */
  addConsumer(streamArn: string, consumerName: string): StreamConsumer;
  /** Does nothing where the consumer went with its stream. */
  removeConsumer(consumerArn: string): void;
  describe(streamName: string): StreamSnapshot;
}

/**
 * Make an empty Kinesis in memory.
 *
 * It differs from AWS in that every change is done when its call returns: a stream is never CREATING, UPDATING or
 * DELETING. Reads are not throttled, and SubscribeToShard is not served.
 */
export function createKinesis(options: KinesisOptions = {}): KinesisService {
  const context: KinesisContext = {
    clock: options.clock ?? Date.now,
    tokens: createTokenSealer(),
    streams: new Map(),
    maxShardBytes: options.maxShardBytes ?? 128 * 1024 * 1024,
    throttle: options.throttle ?? false,
    nextGeneration: 1,
  };
  const run = async (name: string, input: unknown) => {
    const operation = kinesisOperations.get(name);
    if (!operation) {
      throw new AwsError("UnknownOperationException", `the embedded Kinesis has no operation ${name}`);
    }
    await options.beforeOperation?.(name, input);
    return operation(context, input);
  };
  return {
    signingNames: ["kinesis"],
    handle: (request, response) => answerRequest(request, response, run),
    async close() {
      for (const stream of [...context.streams.values()]) removeStream(context, stream);
    },

    createStream: (settings) => createStream(context, settings),
    deleteStream: (streamName) => removeStream(context, findStream(context, { StreamName: streamName })),
    addConsumer: (streamArn, consumerName) => addConsumer(context, streamArn, consumerName),
    removeConsumer: (consumerArn) => removeConsumer(context, consumerArn),
    describe: (streamName) => describe(context, streamName),

    listShards(streamArn) {
      return findStream(context, { StreamARN: streamArn }).shards.map((shard) => ({
        shardId: shard.id,
        ...(shard.parentId !== undefined && { parentShardId: shard.parentId }),
        ...(shard.adjacentParentId !== undefined && { adjacentParentShardId: shard.adjacentParentId }),
        closed: shard.log.closed,
      }));
    },
    openCursor(streamArn, shardId, start) {
      const stream = findStream(context, { StreamARN: streamArn });
      const shard = findShard(stream, shardId);
      const position = positionOfStart(stream, shard, start, context.clock());
      return createShardCursor(stream, shard, position, context.clock);
    },
    onShardsChanged(streamArn, listener) {
      const { shardListeners } = findStream(context, { StreamARN: streamArn });
      shardListeners.add(listener);
      return () => shardListeners.delete(listener);
    },
  };
}

function createStream(context: KinesisContext, settings: StreamSettings): { readonly streamArn: string } {
  const stream = addStream(context, {
    streamName: settings.streamName,
    shardCount: settings.shardCount ?? (settings.onDemand ? onDemandShardCount : 1),
    onDemand: settings.onDemand,
    retentionHours: checkedRetentionHours(settings.retentionHours),
    maxRecordSizeKiB: defaultMaxRecordSizeKiB,
    encryptionKeyId: settings.encryption?.keyId,
    tags: settings.tags ?? {},
  });
  return { streamArn: stream.arn };
}

function describe(context: KinesisContext, streamName: string): StreamSnapshot {
  const stream = findStream(context, { StreamName: streamName });
  const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
  return {
    streamName: stream.name,
    streamArn: stream.arn,
    onDemand: stream.onDemand,
    retentionHours: stream.retentionHours,
    openShardCount: stream.openShards.length,
    encryptionKeyId: stream.encryptionKeyId,
    tags: Object.fromEntries(stream.tags),
    createdAtMs: stream.createdAtMs,
    sizeBytes: sum(stream.shards.map((shard) => shard.log.sizeBytes)),
    evictedRecordCount: sum(stream.shards.map((shard) => shard.log.evictedCount)),
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import {
  type _Record,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
} from "@aws-sdk/client-kinesis";

export interface FollowOptions {
  readonly client: KinesisClient;
  readonly streamName: string;
  /**
   * Wait between two reads of a shard that has nothing new. AWS allows five reads a second and shard, so
   * stay at 200 or above there.
   */
  readonly pollIntervalMs: number;
  /** Called once per record, in order within a shard. */
  readonly onRecord: (record: _Record) => void;
}

export interface Follower {
  /** Rejects when a shard cannot be read any more; resolves after `stop`. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Read everything that is put on a stream from now on, every shard at once, children of split and merged shards
 * included.
 *
 * Once this has resolved, no record put later is missed. After a break of minutes, such as a sleeping laptop, a
 * record may come a second time.
 */
export async function followStream(options: FollowOptions): Promise<Follower> {
  const { client, streamName } = options;
  const stopping = new AbortController();
  const ended = Promise.withResolvers<void>();
  const readers = new Map<string, Promise<void>>();

  const openShard = (shardId: string, start: ShardStart): Promise<void> => {
    const opened = Promise.withResolvers<void>();
    if (readers.has(shardId)) return Promise.resolve();
    const reader = readShard({ ...options, shardId, start, opened, openShard, signal: stopping.signal });
    readers.set(shardId, reader);
    reader.catch((cause) => {
      opened.reject(cause);
      ended.reject(cause);
    });
    return opened.promise;
  };
  const stop = async () => {
    stopping.abort();
    await Promise.allSettled(readers.values());
    ended.resolve();
  };
  // Whoever awaits `done` gets the error; until then it must not count as unhandled.
  ended.promise.catch(() => undefined);
  try {
    const shards = await listShards(client, streamName);
    const open = shards.filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined);
    await Promise.all(open.map(({ ShardId }) => openShard(ShardId!, { ShardIteratorType: "LATEST" })));
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { done: ended.promise, stop };
}

type ShardStart = Pick<
  GetShardIteratorCommandInput,
  "ShardIteratorType" | "StartingSequenceNumber" | "Timestamp"
>;

interface ShardReader extends FollowOptions {
  readonly shardId: string;
  readonly start: ShardStart;
  /** Resolved when the first iterator stands. */
  readonly opened: PromiseWithResolvers<void>;
  readonly openShard: (shardId: string, start: ShardStart) => Promise<void>;
  readonly signal: AbortSignal;
}

async function readShard(reader: ShardReader): Promise<void> {
  const { client, start, signal, onRecord } = reader;
  // Where to go on should the iterator expire; LATEST would then skip what came in between.
  let resume: ShardStart =
    start.ShardIteratorType === "LATEST"
      ? { ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date() }
      : start;
  let iterator = await openIterator(reader, start);
  reader.opened.resolve();
  while (!signal.aborted && iterator !== undefined) {
    try {
      const command = new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 });
      const {
        Records = [],
        NextShardIterator,
        ChildShards = [],
      } = await client.send(command, {
        abortSignal: signal,
      });
      iterator = NextShardIterator;
      for (const record of Records) onRecord(record);
      const last = Records.at(-1)?.SequenceNumber;
      if (last !== undefined) {
        resume = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: last };
      }
      for (const { ShardId } of ChildShards) {
        await reader.openShard(ShardId!, { ShardIteratorType: "TRIM_HORIZON" });
      }
      if (Records.length === 0 && iterator !== undefined) await pause(reader.pollIntervalMs, signal);
    } catch (cause) {
      if (signal.aborted) return;
      const name = cause instanceof Error ? cause.name : "";
      if (name === "ExpiredIteratorException") iterator = await openIterator(reader, resume);
      else if (name === "ProvisionedThroughputExceededException") await pause(1_000, signal);
      else throw cause;
    }
  }
}

/** Sleep; shorter when the signal aborts, which is then seen by the loop. */
async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch((cause) => {
    if (!signal.aborted) throw cause;
  });
}

async function openIterator(
  { client, streamName, shardId }: ShardReader,
  start: ShardStart,
): Promise<string | undefined> {
  const command = new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ...start });
  return (await client.send(command)).ShardIterator;
}

async function listShards(client: KinesisClient, streamName: string): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new ListShardsCommand(nextToken === undefined ? { StreamName: streamName } : { NextToken: nextToken }),
    );
    shards.push(...(page.Shards ?? []));
    nextToken = page.NextToken;
  } while (nextToken !== undefined);
  return shards;
}

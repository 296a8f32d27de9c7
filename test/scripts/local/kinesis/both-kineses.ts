import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  MergeShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, vi } from "vitest";
import { startKinesisLocal } from "./kinesis-local-process.ts";
import { kinesisClient, serveKinesis } from "./serve-kinesis.ts";

/** Runs a script of operations on a stream of its own, and tells what it showed here and in kinesis-local. */
export type OnBoth = <Result>(
  script: (client: KinesisClient, StreamName: string) => Promise<Result>,
  ShardCount?: number,
) => Promise<{ ours: Result; theirs: Result }>;

/** Keep one kinesis-local up for all tests of the calling file. */
export function useBothKineses(): OnBoth {
  // kinesis-local takes seconds for what is large.
  vi.setConfig({ testTimeout: 15_000 });
  let oracle: Awaited<ReturnType<typeof startKinesisLocal>>;
  let streamCount = 0;
  beforeAll(async () => {
    oracle = await startKinesisLocal();
  }, 20_000);
  afterAll(async () => {
    await oracle?.stop();
  });
  return async (script, ShardCount = 1) => {
    const { client } = await serveKinesis();
    streamCount += 1;
    const StreamName = `s${streamCount}`;
    const run = async (target: KinesisClient) => {
      await target.send(new CreateStreamCommand({ StreamName, ShardCount }));
      await untilActive(target, StreamName);
      return script(target, StreamName);
    };
    const oracleClient = kinesisClient(oracle.endpoint);
    try {
      return { ours: await run(client), theirs: await run(oracleClient) };
    } finally {
      oracleClient.destroy();
    }
  };
}

export async function untilActive(client: KinesisClient, StreamName: string): Promise<void> {
  for (;;) {
    const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (summary.StreamDescriptionSummary?.StreamStatus === "ACTIVE") return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const shardId = (index: number) => `shardId-${String(index).padStart(12, "0")}`;
export const shardIndex = (id: string | undefined) => (id === undefined ? undefined : Number(id.slice(-12)));

export async function lineage(client: KinesisClient, input: ListShardsCommandInput) {
  const { Shards: shards } = await client.send(new ListShardsCommand(input));
  return shards!.map((shard) => ({
    index: shardIndex(shard.ShardId),
    parents: [shardIndex(shard.ParentShardId), shardIndex(shard.AdjacentParentShardId)],
    range: shard.HashKeyRange,
    closed: shard.SequenceNumberRange!.EndingSequenceNumber !== undefined,
  }));
}

export async function put(client: KinesisClient, StreamName: string, text: string, ExplicitHashKey?: string) {
  const Data = Buffer.from(text);
  return client.send(new PutRecordCommand({ StreamName, Data, PartitionKey: text, ExplicitHashKey }));
}

export type Start = Omit<GetShardIteratorCommandInput, "StreamName" | "ShardId"> & { ShardId?: string };

export async function iterator(client: KinesisClient, StreamName: string, start: Start): Promise<string> {
  const input = { StreamName, ShardId: shardId(0), ...start };
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator!;
}

export const texts = (answer: GetRecordsCommandOutput) =>
  answer.Records!.map((record) => Buffer.from(record.Data!).toString());

export async function split(client: KinesisClient, StreamName: string, index: number, key: bigint) {
  const input = { StreamName, ShardToSplit: shardId(index), NewStartingHashKey: key.toString() };
  await client.send(new SplitShardCommand(input));
  await untilActive(client, StreamName);
}

export async function merge(client: KinesisClient, StreamName: string, index: number, adjacent: number) {
  const input = { StreamName, ShardToMerge: shardId(index), AdjacentShardToMerge: shardId(adjacent) };
  await client.send(new MergeShardsCommand(input));
  await untilActive(client, StreamName);
}

/** The name of what a call fails with. */
export async function errorName(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return (error as Error).name;
  }
}

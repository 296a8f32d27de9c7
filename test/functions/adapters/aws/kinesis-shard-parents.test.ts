import { ListShardsCommand, MergeShardsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { expect, it, onTestFinished } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { kinesisClient, streamClient } from "../../../../functions/adapters/aws/clients.ts";
import { KinesisShardParents } from "../../../../functions/adapters/aws/kinesis-shard-parents.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { createKinesis } from "../../../../scripts/local/kinesis/kinesis.ts";
import { instantRetry, serveAws } from "./serve-aws.ts";

const StreamName = "events";
const idOf = (shard: number) => `shardId-${String(shard).padStart(12, "0")}`;

async function serveParents(shardCount: number) {
  const kinesis = createKinesis();
  kinesis.createStream({ streamName: StreamName, shardCount, onDemand: false, retentionHours: 24 });
  const served = await serveAws(kinesis);
  const client = kinesisClient(served.config);
  const streams = streamClient(awsAccess(served.config));
  onTestFinished(() => {
    for (const each of [client, streams]) each.destroy();
  });
  const parents = new KinesisShardParents({ client: streams, retry: instantRetry() });
  return { served, client, parentsOf: (shard: string) => parents.parentsOf(StreamName, shard) };
}

const listings = (operations: readonly string[]) => operations.filter((each) => each === "ListShards").length;

it("knows the parents of shards that were split and merged, and that the first have none", async () => {
  const { served, client, parentsOf } = await serveParents(2);
  const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
  const start = BigInt(Shards![1]!.HashKeyRange!.StartingHashKey!);
  const NewStartingHashKey = String(start + 1_000n);
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: idOf(1), NewStartingHashKey }));
  await client.send(
    new MergeShardsCommand({ StreamName, ShardToMerge: idOf(0), AdjacentShardToMerge: idOf(2) }),
  );
  served.operations.length = 0;
  expect(await parentsOf(idOf(0))).toEqual([]);
  expect(await parentsOf(idOf(2))).toEqual([idOf(1)]);
  expect(await parentsOf(idOf(3))).toEqual([idOf(1)]);
  expect([...(await parentsOf(idOf(4)))].sort()).toEqual([idOf(0), idOf(2)]);
  expect(listings(served.operations)).toBe(1);
});

it("lists anew for a shard that was not there before, and knows no parents of one that is gone", async () => {
  const { served, client, parentsOf } = await serveParents(1);
  expect(await parentsOf(idOf(0))).toEqual([]);
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: "1000" }));
  expect(await parentsOf(idOf(1))).toEqual([idOf(0)]);
  expect(await parentsOf("shardId-000000009999")).toEqual([]);
  expect(await parentsOf(idOf(2))).toEqual([idOf(0)]);
  expect(listings(served.operations)).toBe(3);
});

it("follows all pages", async () => {
  const { served, client, parentsOf } = await serveParents(999);
  const ShardToSplit = idOf(998);
  const { Shards } = await client.send(
    new ListShardsCommand({ StreamName, ExclusiveStartShardId: idOf(997) }),
  );
  const NewStartingHashKey = String(BigInt(Shards![0]!.HashKeyRange!.StartingHashKey!) + 1_000n);
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }));
  served.operations.length = 0;
  expect(await parentsOf(idOf(1_000))).toEqual([ShardToSplit]);
  expect(listings(served.operations)).toBe(2);
});

it("asks again through throttles and failures, and gives up after six attempts", async () => {
  const { served, parentsOf } = await serveParents(1);
  served.fault = (_operation, count) => (count < 2 ? throttled() : undefined);
  expect(await parentsOf(idOf(0))).toEqual([]);
  served.fault = () => jsonFault(500, "InternalFailure", "down");
  served.operations.length = 0;
  await expect(parentsOf(idOf(1))).rejects.toMatchObject({
    name: "DependencyError",
    code: "dependency.unavailable",
  });
  expect(listings(served.operations)).toBe(6);
});

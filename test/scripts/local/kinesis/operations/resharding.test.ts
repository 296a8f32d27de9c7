import {
  DescribeStreamCommand,
  GetRecordsCommand,
  ListShardsCommand,
  type ListShardsCommandInput,
  MergeShardsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { iteratorOf, put, serveKinesis, serveStream, startMs, textsFrom } from "../serve-kinesis.ts";

describe("resharding", () => {
  it("splits a shard into two children whose records follow the parent's", async () => {
    const { client } = await serveStream();
    await put(client, "before");
    await client.send(
      new SplitShardCommand({
        StreamName: "s",
        ShardToSplit: "shardId-000000000000",
        NewStartingHashKey: (2n ** 127n).toString(),
      }),
    );
    await put(client, "after", { ExplicitHashKey: "0" });
    const { Shards: shards } = await client.send(new ListShardsCommand({ StreamName: "s" }));
    expect(shards).toMatchObject([
      { ShardId: "shardId-000000000000", SequenceNumberRange: { EndingSequenceNumber: expect.any(String) } },
      { ShardId: "shardId-000000000001", ParentShardId: "shardId-000000000000" },
      { ShardId: "shardId-000000000002", ParentShardId: "shardId-000000000000" },
    ]);
    expect(shards![2]!.HashKeyRange!.StartingHashKey).toBe((2n ** 127n).toString());
    const ShardIterator = await iteratorOf(client, { ShardIteratorType: "TRIM_HORIZON" });
    const parent = await client.send(new GetRecordsCommand({ ShardIterator }));
    expect(parent.NextShardIterator ?? null).toBeNull();
    expect(parent.Records).toHaveLength(1);
    expect(parent.ChildShards!.map((child) => child.ShardId)).toEqual([
      "shardId-000000000001",
      "shardId-000000000002",
    ]);
    expect(await textsFrom(client, { ShardIteratorType: "TRIM_HORIZON" }, "shardId-000000000001")).toEqual([
      "after",
    ]);
  });

  it("merges two adjacent shards into one child of both", async () => {
    const { client } = await serveStream({ shardCount: 3 });
    const merge = (ShardToMerge: string, AdjacentShardToMerge: string) =>
      client.send(new MergeShardsCommand({ StreamName: "s", ShardToMerge, AdjacentShardToMerge }));
    await expect(merge("shardId-000000000000", "shardId-000000000002")).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
    await merge("shardId-000000000000", "shardId-000000000001");
    const { StreamDescription: description } = await client.send(
      new DescribeStreamCommand({ StreamName: "s" }),
    );
    expect(description!.Shards![3]).toMatchObject({
      ShardId: "shardId-000000000003",
      ParentShardId: "shardId-000000000000",
      AdjacentParentShardId: "shardId-000000000001",
      HashKeyRange: { StartingHashKey: "0" },
    });
    await expect(merge("shardId-000000000000", "shardId-000000000003")).rejects.toMatchObject({
      message: expect.stringContaining("already been merged or split"),
    });
  });

  it("updates the shard count at most to the double or the half", async () => {
    const { client, kinesis } = await serveStream({ shardCount: 3 });
    const update = (TargetShardCount: number) =>
      client.send(
        new UpdateShardCountCommand({ StreamName: "s", TargetShardCount, ScalingType: "UNIFORM_SCALING" }),
      );
    await expect(update(7)).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await expect(update(1)).rejects.toMatchObject({ name: "InvalidArgumentException" });
    expect(await update(5)).toMatchObject({ CurrentShardCount: 3, TargetShardCount: 5 });
    expect(kinesis.describe("s").openShardCount).toBe(5);
  });

  it("leaves an on-demand stream's shards alone", async () => {
    const { client, kinesis } = await serveKinesis();
    kinesis.createStream({ streamName: "s", onDemand: true, retentionHours: 24 });
    await expect(
      client.send(
        new UpdateShardCountCommand({ StreamName: "s", TargetShardCount: 8, ScalingType: "UNIFORM_SCALING" }),
      ),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("lists shards page by page, and those that a filter selects", async () => {
    const { client, time } = await serveStream({ shardCount: 3 });
    time.nowMs += 1000;
    await client.send(
      new MergeShardsCommand({
        StreamName: "s",
        ShardToMerge: "shardId-000000000000",
        AdjacentShardToMerge: "shardId-000000000001",
      }),
    );
    time.nowMs += 1000;
    const ids = async (input: ListShardsCommandInput) => {
      const answer = await client.send(new ListShardsCommand(input));
      return { indexes: answer.Shards!.map((shard) => Number(shard.ShardId!.slice(-3))), ...answer };
    };
    const first = await ids({ StreamName: "s", MaxResults: 3 });
    const second = await ids({ NextToken: first.NextToken });
    expect([first.indexes, second.indexes, second.NextToken]).toEqual([[0, 1, 2], [3], undefined]);
    const filtered = async (ShardFilter: ListShardsCommandInput["ShardFilter"]) =>
      (await ids({ StreamName: "s", ShardFilter })).indexes;
    expect(await filtered({ Type: "AT_LATEST" })).toEqual([2, 3]);
    expect(await filtered({ Type: "AT_TRIM_HORIZON" })).toEqual([0, 1, 2]);
    expect(await filtered({ Type: "FROM_TRIM_HORIZON" })).toEqual([0, 1, 2, 3]);
    expect(await filtered({ Type: "AFTER_SHARD_ID", ShardId: "shardId-000000000001" })).toEqual([2, 3]);
    expect(await filtered({ Type: "AT_TIMESTAMP", Timestamp: new Date(startMs + 500) })).toEqual([0, 1, 2]);
    expect(await filtered({ Type: "FROM_TIMESTAMP", Timestamp: new Date(startMs + 1500) })).toEqual([2, 3]);
    time.nowMs += 300_001;
    await expect(ids({ NextToken: first.NextToken })).rejects.toMatchObject({
      name: "ExpiredNextTokenException",
    });
  });
});

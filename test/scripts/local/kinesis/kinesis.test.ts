import { DescribeStreamCommand, SplitShardCommand, UpdateShardCountCommand } from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../../../scripts/local/aws-error.ts";
import { put, serveKinesis, serveStream } from "./serve-kinesis.ts";

describe("the fault hook", () => {
  it("fails the operation with the error it throws, and lets the others through", async () => {
    const seen: string[] = [];
    const { client, kinesis } = await serveKinesis({
      beforeOperation(operation, input) {
        seen.push(`${operation} ${(input as { StreamName: string }).StreamName}`);
        if (operation === "PutRecord") throw new AwsError("InternalFailure", "a fault of the test", 500);
      },
    });
    kinesis.createStream({ streamName: "s", onDemand: true, retentionHours: 24 });
    await expect(put(client, "x")).rejects.toMatchObject({
      name: "InternalFailure",
      $metadata: { httpStatusCode: 500 },
    });
    await client.send(new DescribeStreamCommand({ StreamName: "s" }));
    expect(seen).toEqual(["PutRecord s", "DescribeStream s"]);
  });
});

describe("the reader", () => {
  it("wakes a waiting cursor for a record, for the shard's end, and for an abort", async () => {
    const { client, kinesis, streamArn } = await serveStream();
    const cursor = kinesis.openCursor(streamArn, "shardId-000000000000", { type: "LATEST" });
    const signal = AbortSignal.timeout(5000);
    const first = cursor.waitForData(signal);
    await put(client, "x");
    await first;
    expect(cursor.read(10)).toMatchObject({ records: [{ partitionKey: "k" }], ended: false });
    const aborter = new AbortController();
    const aborted = cursor.waitForData(aborter.signal);
    aborter.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    const end = cursor.waitForData(signal);
    await client.send(
      new SplitShardCommand({
        StreamName: "s",
        ShardToSplit: "shardId-000000000000",
        NewStartingHashKey: "1000",
      }),
    );
    await end;
    expect(cursor.read(10)).toEqual({ records: [], ended: true });
  });

  it("tells a listener of new shards until it unsubscribes, and shows them with their parents", async () => {
    const { client, kinesis, streamArn } = await serveStream({ shardCount: 2 });
    const seen: number[] = [];
    const unsubscribe = kinesis.onShardsChanged(streamArn, () => {
      seen.push(kinesis.listShards(streamArn).length);
    });
    const update = (TargetShardCount: number) =>
      client.send(
        new UpdateShardCountCommand({ StreamName: "s", TargetShardCount, ScalingType: "UNIFORM_SCALING" }),
      );
    await update(1);
    unsubscribe();
    await update(2);
    expect(seen).toEqual([3]);
    expect(kinesis.listShards(streamArn).slice(1, 4)).toEqual([
      { shardId: "shardId-000000000001", closed: true },
      {
        shardId: "shardId-000000000002",
        parentShardId: "shardId-000000000000",
        adjacentParentShardId: "shardId-000000000001",
        closed: true,
      },
      { shardId: "shardId-000000000003", parentShardId: "shardId-000000000002", closed: false },
    ]);
  });

  it("says how far behind the cursor is by the next unread record", async () => {
    const { client, kinesis, time, streamArn } = await serveStream();
    const cursor = kinesis.openCursor(streamArn, "shardId-000000000000", { type: "TRIM_HORIZON" });
    expect(cursor.millisBehindLatest()).toBe(0);
    await put(client, "x");
    time.nowMs += 1234;
    expect(cursor.millisBehindLatest()).toBe(1234);
    cursor.read(1);
    expect(cursor.millisBehindLatest()).toBe(0);
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import {
  type KinesisClient,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it, onTestFinished } from "vitest";
import { AwsError } from "../../../scripts/local/aws-error.ts";
import { followStream } from "../../../scripts/replay/follow-stream.ts";
import { serveKinesis } from "../local/kinesis/serve-kinesis.ts";

async function serve({ shardCount = 2, beforeOperation = (_: string) => {} } = {}) {
  const served = await serveKinesis({ beforeOperation });
  served.kinesis.createStream({ streamName: "s", shardCount, onDemand: false, retentionHours: 24 });
  return served;
}

async function follow(client: KinesisClient) {
  const seen: string[] = [];
  const follower = await followStream({
    client,
    streamName: "s",
    pollIntervalMs: 5,
    onRecord: ({ Data }) => seen.push(new TextDecoder().decode(Data)),
  });
  onTestFinished(() => follower.stop());
  return { follower, seen };
}

const put = (client: KinesisClient, text: string) =>
  client.send(new PutRecordCommand({ StreamName: "s", PartitionKey: text, Data: Buffer.from(text) }));

async function waitFor(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round += 1) {
    if (round > 1_000) throw new Error("the condition did not come about in 10 s");
    await sleep(10);
  }
}

describe("followStream", () => {
  it("reads every record put after it stood, from every shard, and none from before", async () => {
    const { client } = await serve();
    await put(client, "before");
    const { seen } = await follow(client);
    const texts = Array.from({ length: 300 }, (_, index) => `after-${index}`);

    await client.send(
      new PutRecordsCommand({
        StreamName: "s",
        Records: texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) })),
      }),
    );

    await waitFor(() => seen.length >= texts.length);
    expect(seen.toSorted()).toEqual(texts.toSorted());
  });

  it("follows the children of split and of merged shards", async () => {
    const { client } = await serve({ shardCount: 2 });
    const { seen } = await follow(client);
    const expected: string[] = [];
    const putSome = async (prefix: string) => {
      for (let index = 0; index < 20; index += 1) {
        expected.push(`${prefix}-${index}`);
        await put(client, `${prefix}-${index}`);
      }
    };

    await putSome("two");
    await client.send(
      new MergeShardsCommand({
        StreamName: "s",
        ShardToMerge: "shardId-000000000000",
        AdjacentShardToMerge: "shardId-000000000001",
      }),
    );
    await putSome("merged");
    await client.send(
      new UpdateShardCountCommand({ StreamName: "s", TargetShardCount: 2, ScalingType: "UNIFORM_SCALING" }),
    );
    await putSome("split");

    await waitFor(() => seen.length >= expected.length);
    expect(seen.toSorted()).toEqual(expected.toSorted());
  });

  it("goes on where it was when an iterator expires or reads are throttled", async () => {
    let readCount = 0;
    const { client } = await serve({
      shardCount: 1,
      beforeOperation: (operation) => {
        if (operation !== "GetRecords") return;
        readCount += 1;
        if (readCount === 4) throw new AwsError("ExpiredIteratorException", "too old");
        if (readCount === 6) throw new AwsError("ProvisionedThroughputExceededException", "slow down");
      },
    });
    const { seen } = await follow(client);

    for (const text of ["a", "b", "c", "d"]) {
      await put(client, text);
      await waitFor(() => seen.includes(text));
    }
    await waitFor(() => readCount > 7);
    expect(seen).toEqual(["a", "b", "c", "d"]);
  });

  it("fails when the stream is not there, and when it goes away", async () => {
    const { client, kinesis } = await serve();
    const { follower } = await follow(client);
    const missing = followStream({ client, streamName: "no", pollIntervalMs: 5, onRecord: () => {} });

    await expect(missing).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    kinesis.deleteStream("s");
    await expect(follower.done).rejects.toThrow();
  });

  it("ends quietly when stopped", async () => {
    const { client } = await serve();
    const { follower } = await follow(client);

    await follower.stop();
    await expect(follower.done).resolves.toBeUndefined();
  });
});

import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../../../scripts/local/aws-error.ts";
import { serveKinesis } from "./serve-kinesis.ts";

const mib = 1024 * 1024;
const startMs = Date.parse("2026-01-01T00:00:00.000Z");

/** A served Kinesis with one stream `s`, on a clock that the test moves. */
async function serveStream({ shardCount = 1, throttle = false } = {}) {
  const time = { nowMs: startMs };
  const served = await serveKinesis({ clock: () => time.nowMs, throttle });
  const { streamArn } = served.kinesis.createStream({
    streamName: "s",
    shardCount,
    onDemand: false,
    retentionHours: 24,
  });
  return { ...served, time, streamArn };
}

function put(
  client: KinesisClient,
  text: string,
  more: { PartitionKey?: string; ExplicitHashKey?: string } = {},
) {
  return client.send(
    new PutRecordCommand({ StreamName: "s", Data: Buffer.from(text), PartitionKey: "k", ...more }),
  );
}

type IteratorStart = Omit<ConstructorParameters<typeof GetShardIteratorCommand>[0], "StreamName" | "ShardId">;

async function iteratorOf(client: KinesisClient, start: IteratorStart, ShardId = "shardId-000000000000") {
  const answer = await client.send(new GetShardIteratorCommand({ StreamName: "s", ShardId, ...start }));
  return answer.ShardIterator!;
}

async function textsFrom(client: KinesisClient, start: IteratorStart, shardId?: string) {
  const answer = await client.send(
    new GetRecordsCommand({ ShardIterator: await iteratorOf(client, start, shardId) }),
  );
  return answer.Records!.map((record) => Buffer.from(record.Data!).toString());
}

describe("streams", () => {
  it("are created on demand with four shards, and provisioned with as many as asked for", async () => {
    const { client } = await serveKinesis();
    await client.send(
      new CreateStreamCommand({ StreamName: "a", StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
    );
    await client.send(new CreateStreamCommand({ StreamName: "b", ShardCount: 3, Tags: { team: "rates" } }));
    const summaries = await Promise.all(
      ["a", "b"].map((StreamName) => client.send(new DescribeStreamSummaryCommand({ StreamName }))),
    );
    expect(summaries.map((one) => one.StreamDescriptionSummary)).toMatchObject([
      { OpenShardCount: 4, StreamModeDetails: { StreamMode: "ON_DEMAND" }, StreamStatus: "ACTIVE" },
      { OpenShardCount: 3, StreamModeDetails: { StreamMode: "PROVISIONED" }, RetentionPeriodHours: 24 },
    ]);
    const tags = await client.send(new ListTagsForStreamCommand({ StreamName: "b" }));
    expect(tags.Tags).toEqual([{ Key: "team", Value: "rates" }]);
  });

  it("are listed in order of name, page by page", async () => {
    const { client, kinesis } = await serveKinesis();
    for (const streamName of ["c", "a", "b"]) {
      kinesis.createStream({ streamName, onDemand: true, retentionHours: 24 });
    }
    const first = await client.send(new ListStreamsCommand({ Limit: 2 }));
    expect(first).toMatchObject({ StreamNames: ["a", "b"], HasMoreStreams: true });
    const second = await client.send(new ListStreamsCommand({ NextToken: first.NextToken }));
    expect(second).toMatchObject({ StreamNames: ["c"], HasMoreStreams: false });
  });

  it("are found by ARN as well as by name, and missing ones are not found by either", async () => {
    const { client, streamArn } = await serveStream();
    const found = await client.send(new DescribeStreamSummaryCommand({ StreamARN: streamArn }));
    expect(found.StreamDescriptionSummary?.StreamName).toBe("s");
    const elsewhere = streamArn.replace("us-east-1", "eu-west-1");
    for (const reference of [{ StreamName: "t" }, { StreamARN: `${streamArn}t` }, { StreamARN: elsewhere }]) {
      await expect(client.send(new DescribeStreamSummaryCommand(reference))).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        message: expect.stringContaining("not found"),
      });
    }
  });

  it("cannot be created twice, and end with everything in them", async () => {
    const { client, kinesis, streamArn } = await serveStream();
    await expect(
      client.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1 })),
    ).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
    const iterator = await iteratorOf(client, { ShardIteratorType: "LATEST" });
    const cursor = kinesis.openCursor(streamArn, "shardId-000000000000", { type: "TRIM_HORIZON" });
    const waiting = cursor.waitForData(AbortSignal.timeout(5000));
    await client.send(new DeleteStreamCommand({ StreamName: "s" }));
    await waiting;
    expect(cursor.read(1)).toEqual({ records: [], ended: true });
    await client.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1 }));
    await expect(client.send(new GetRecordsCommand({ ShardIterator: iterator }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("keep their tags, retention, encryption and mode", async () => {
    const { client, kinesis, streamArn } = await serveStream();
    const StreamName = "s";
    await client.send(new AddTagsToStreamCommand({ StreamName, Tags: { a: "1", b: "2" } }));
    await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
    await client.send(
      new StartStreamEncryptionCommand({ StreamName, EncryptionType: "KMS", KeyId: "alias/k" }),
    );
    await client.send(
      new UpdateStreamModeCommand({ StreamARN: streamArn, StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
    );
    expect(kinesis.describe("s")).toMatchObject({
      tags: { a: "1", b: "2" },
      retentionHours: 48,
      encryptionKeyId: "alias/k",
      onDemand: true,
    });
    expect((await put(client, "x")).EncryptionType).toBe("KMS");
    await client.send(
      new StopStreamEncryptionCommand({ StreamName, EncryptionType: "KMS", KeyId: "alias/k" }),
    );
    await client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 }));
    expect(kinesis.describe("s")).toMatchObject({ retentionHours: 24, encryptionKeyId: undefined });
    for (const RetentionPeriodHours of [23, 8761]) {
      await expect(
        client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours })),
      ).rejects.toMatchObject({ name: "InvalidArgumentException" });
    }
  });

  it("record their consumers", async () => {
    const { client, streamArn } = await serveStream();
    const registered = await client.send(
      new RegisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: "c" }),
    );
    const ConsumerARN = registered.Consumer!.ConsumerARN!;
    expect(ConsumerARN).toMatch(/:stream\/s\/consumer\/c:\d+$/);
    const described = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
    expect(described.ConsumerDescription).toMatchObject({ ConsumerStatus: "ACTIVE", StreamARN: streamArn });
    await client.send(new RegisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: "d" }));
    const page = await client.send(new ListStreamConsumersCommand({ StreamARN: streamArn, MaxResults: 1 }));
    const rest = await client.send(
      new ListStreamConsumersCommand({ StreamARN: streamArn, NextToken: page.NextToken }),
    );
    expect([...page.Consumers!, ...rest.Consumers!].map((one) => one.ConsumerName)).toEqual(["c", "d"]);
    await client.send(new DeregisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: "c" }));
    await expect(client.send(new DescribeStreamConsumerCommand({ ConsumerARN }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("writing", () => {
  it("puts a record on the shard of its partition key's MD5, or of its explicit hash key", async () => {
    const { client } = await serveStream({ shardCount: 2 });
    // md5("a") = 0cc1…, md5("b") = 92eb…, as md5sum prints them.
    const shardIds = [
      await put(client, "x", { PartitionKey: "a" }),
      await put(client, "x", { PartitionKey: "b" }),
      await put(client, "x", { PartitionKey: "a", ExplicitHashKey: (2n ** 127n).toString() }),
      await put(client, "x", { PartitionKey: "b", ExplicitHashKey: (2n ** 127n - 1n).toString() }),
    ].map((answer) => answer.ShardId);
    expect(shardIds).toEqual([0, 1, 1, 0].map((index) => `shardId-00000000000${index}`));
  });

  it("keeps the order of the records of one call, and any bytes", async () => {
    const { client } = await serveStream();
    const blobs = Array.from({ length: 500 }, (_, index) => Buffer.from([index & 255, index >> 8, 0, 255]));
    const answer = await client.send(
      new PutRecordsCommand({
        StreamName: "s",
        Records: blobs.map((Data, index) => ({ Data, PartitionKey: `k${index}` })),
      }),
    );
    expect(answer.FailedRecordCount).toBe(0);
    const iterator = await iteratorOf(client, { ShardIteratorType: "TRIM_HORIZON" });
    const { Records: records } = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
    expect(records!.map((record) => Buffer.from(record.Data!))).toEqual(blobs);
    expect(records!.map((record) => record.SequenceNumber)).toEqual(
      answer.Records!.map((record) => record.SequenceNumber),
    );
    expect(records![0]!.ApproximateArrivalTimestamp).toEqual(new Date(startMs));
  });

  it.each([
    ["501 records", Array.from({ length: 501 }, () => ({ Data: Buffer.from("x"), PartitionKey: "k" }))],
    ["no records", []],
    ["an empty partition key", [{ Data: Buffer.from("x"), PartitionKey: "" }]],
    ["a partition key of 257 characters", [{ Data: Buffer.from("x"), PartitionKey: "k".repeat(257) }]],
    ["no data", [{ Data: undefined, PartitionKey: "k" }]],
  ])("refuses a call with %s, and writes nothing of it", async (_, Records) => {
    const { client, kinesis } = await serveStream();
    await expect(
      client.send(
        new PutRecordsCommand({
          StreamName: "s",
          Records: Records as { Data: Buffer; PartitionKey: string }[],
        }),
      ),
    ).rejects.toMatchObject({ name: "ValidationException" });
    expect(kinesis.describe("s").sizeBytes).toBe(0);
  });

  it("takes 10 MiB in one call with its partition keys, and one byte more is refused", async () => {
    const { client } = await serveStream();
    const records = (lastBytes: number) =>
      Array.from({ length: 10 }, (_, index) => ({
        Data: Buffer.alloc(index === 9 ? lastBytes : mib - 1),
        PartitionKey: "k",
      }));
    const send = (lastBytes: number) =>
      client.send(new PutRecordsCommand({ StreamName: "s", Records: records(lastBytes) }));
    await expect(send(mib)).rejects.toMatchObject({ name: "InvalidArgumentException" });
    expect((await send(mib - 1)).FailedRecordCount).toBe(0);
  });

  it("takes records up to the stream's own limit", async () => {
    const { client } = await serveKinesis();
    await client.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1, MaxRecordSizeInKiB: 2048 }));
    const send = (bytes: number) =>
      client.send(new PutRecordCommand({ StreamName: "s", Data: Buffer.alloc(bytes), PartitionKey: "k" }));
    await expect(send(2 * mib)).resolves.toMatchObject({ ShardId: "shardId-000000000000" });
    await expect(send(2 * mib + 1)).rejects.toMatchObject({ name: "InvalidArgumentException" });
  });

  it("answers each throttled record by itself when the throttle is on", async () => {
    const { client, time } = await serveStream({ throttle: true });
    const call = () =>
      client.send(
        new PutRecordsCommand({
          StreamName: "s",
          Records: Array.from({ length: 400 }, () => ({ Data: Buffer.from("x"), PartitionKey: "k" })),
        }),
      );
    await call();
    await call();
    const third = await call();
    expect(third.FailedRecordCount).toBe(200);
    expect(third.Records![199]).toMatchObject({ ShardId: "shardId-000000000000" });
    expect(third.Records![200]).toMatchObject({
      ErrorCode: "ProvisionedThroughputExceededException",
      ErrorMessage: expect.stringContaining("shardId-000000000000"),
    });
    await expect(put(client, "x")).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
    time.nowMs += 400;
    expect((await call()).FailedRecordCount).toBe(0);
  });
});

describe("reading", () => {
  it("starts where each of the five iterator types says", async () => {
    const { client, time } = await serveStream();
    const numbers: string[] = [];
    for (const text of ["a", "b", "c"]) {
      numbers.push((await put(client, text)).SequenceNumber!);
      time.nowMs += 1000;
    }
    const latest = await iteratorOf(client, { ShardIteratorType: "LATEST" });
    await put(client, "d");
    const [, second] = numbers;
    expect(await textsFrom(client, { ShardIteratorType: "TRIM_HORIZON" })).toEqual(["a", "b", "c", "d"]);
    expect(
      await textsFrom(client, { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: second }),
    ).toEqual(["b", "c", "d"]);
    expect(
      await textsFrom(client, { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: second }),
    ).toEqual(["c", "d"]);
    for (const [offsetMs, texts] of [
      [1000, ["b", "c", "d"]],
      [1001, ["c", "d"]],
    ] as const) {
      const Timestamp = new Date(startMs + offsetMs);
      expect(await textsFrom(client, { ShardIteratorType: "AT_TIMESTAMP", Timestamp })).toEqual(texts);
    }
    const { Records: records } = await client.send(new GetRecordsCommand({ ShardIterator: latest }));
    expect(records!.map((record) => Buffer.from(record.Data!).toString())).toEqual(["d"]);
  });

  it("goes on where the last call ended, and says how far behind it is", async () => {
    const { client, time } = await serveStream();
    for (const text of ["a", "b", "c"]) {
      await put(client, text);
      time.nowMs += 1000;
    }
    const ShardIterator = await iteratorOf(client, { ShardIteratorType: "TRIM_HORIZON" });
    const first = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 2 }));
    expect(first).toMatchObject({ Records: [{}, {}], MillisBehindLatest: 1000 });
    const second = await client.send(new GetRecordsCommand({ ShardIterator: first.NextShardIterator }));
    expect(second).toMatchObject({ Records: [{}], MillisBehindLatest: 0 });
    const third = await client.send(new GetRecordsCommand({ ShardIterator: second.NextShardIterator }));
    expect(third).toMatchObject({
      Records: [],
      MillisBehindLatest: 0,
      NextShardIterator: expect.any(String),
    });
  });

  it("answers at most 10 MiB, but always one record", async () => {
    const { client } = await serveKinesis();
    await client.send(
      new CreateStreamCommand({ StreamName: "s", ShardCount: 1, MaxRecordSizeInKiB: 10_240 }),
    );
    for (const bytes of [10 * mib, 6 * mib, 4 * mib, 1]) {
      await client.send(
        new PutRecordCommand({ StreamName: "s", Data: Buffer.alloc(bytes), PartitionKey: "k" }),
      );
    }
    let iterator: string | undefined = await iteratorOf(client, { ShardIteratorType: "TRIM_HORIZON" });
    const counts: number[] = [];
    for (let call = 0; call < 3; call += 1) {
      const answer: { Records?: unknown[]; NextShardIterator?: string } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      counts.push(answer.Records!.length);
      iterator = answer.NextShardIterator;
    }
    expect(counts).toEqual([1, 2, 1]);
  });

  it("refuses iterators that were changed, made up, or older than five minutes", async () => {
    const { client, time } = await serveStream();
    const iterator = await iteratorOf(client, { ShardIteratorType: "TRIM_HORIZON" });
    const changed = `${iterator.startsWith("A") ? "B" : "A"}${iterator.slice(1)}`;
    for (const ShardIterator of [changed, "nonsense", `${iterator}=`]) {
      await expect(client.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
        name: "InvalidArgumentException",
      });
    }
    time.nowMs += 300_001;
    await expect(client.send(new GetRecordsCommand({ ShardIterator: iterator }))).rejects.toMatchObject({
      name: "ExpiredIteratorException",
    });
  });

  it("refuses a sequence number of another shard, one not given out yet, and a time to come", async () => {
    const { client } = await serveStream({ shardCount: 2 });
    const other = await put(client, "x", { PartitionKey: "b" });
    const own = await put(client, "x", { PartitionKey: "a" });
    const unborn = (BigInt(own.SequenceNumber!) + (1n << 80n)).toString();
    for (const StartingSequenceNumber of [other.SequenceNumber!, unborn, "17"]) {
      await expect(
        iteratorOf(client, { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber }),
      ).rejects.toMatchObject({ name: "InvalidArgumentException" });
    }
    const Timestamp = new Date(startMs + 1000);
    await expect(iteratorOf(client, { ShardIteratorType: "AT_TIMESTAMP", Timestamp })).rejects.toMatchObject({
      name: "InvalidArgumentException",
    });
  });

  it("no longer sees what the retention has ended for", async () => {
    const { client, time, kinesis } = await serveStream();
    await put(client, "a");
    time.nowMs += 23 * 3_600_000;
    await put(client, "b");
    time.nowMs += 3_600_001;
    expect(await textsFrom(client, { ShardIteratorType: "TRIM_HORIZON" })).toEqual(["b"]);
    time.nowMs += 24 * 3_600_000;
    expect(kinesis.describe("s").sizeBytes).toBe(0);
  });

  it("goes on at the oldest record held when room ran out before the retention", async () => {
    const { client, kinesis } = await serveKinesis({ maxShardBytes: 3000 });
    const { streamArn } = kinesis.createStream({ streamName: "s", onDemand: false, retentionHours: 24 });
    const cursor = kinesis.openCursor(streamArn, "shardId-000000000000", { type: "TRIM_HORIZON" });
    const ShardIterator = await iteratorOf(client, { ShardIteratorType: "TRIM_HORIZON" });
    for (const text of ["a", "b", "c"]) await put(client, text.repeat(1000));
    const { Records: records } = await client.send(new GetRecordsCommand({ ShardIterator }));
    const firstLetters = [
      ...cursor.read(10).records.map(({ data }) => data),
      ...records!.map(({ Data }) => Data!),
    ];
    expect(firstLetters.map((data) => String.fromCharCode(data[0]!))).toEqual(["b", "c", "b", "c"]);
    expect(kinesis.describe("s")).toMatchObject({ evictedRecordCount: 1, sizeBytes: 2 * (1001 + 256) });
  });
});

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

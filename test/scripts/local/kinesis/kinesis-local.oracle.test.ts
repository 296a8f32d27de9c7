import {
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startKinesisLocal } from "./kinesis-local-process.ts";
import { kinesisClient, serveKinesis } from "./serve-kinesis.ts";

// kinesis-local takes seconds for what is large.
vi.setConfig({ testTimeout: 15_000 });

let oracle: Awaited<ReturnType<typeof startKinesisLocal>>;
beforeAll(async () => {
  oracle = await startKinesisLocal();
}, 20_000);
afterAll(async () => {
  await oracle?.stop();
});

/** What a script of operations on a stream of its own shows, here and in kinesis-local. */
async function onBoth<Result>(
  script: (client: KinesisClient, StreamName: string) => Promise<Result>,
  ShardCount = 1,
): Promise<{ ours: Result; theirs: Result }> {
  const { client } = await serveKinesis();
  const StreamName = `s${streamCount++}`;
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
}
let streamCount = 0;

async function untilActive(client: KinesisClient, StreamName: string): Promise<void> {
  for (;;) {
    const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (summary.StreamDescriptionSummary?.StreamStatus === "ACTIVE") return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const shardId = (index: number) => `shardId-${String(index).padStart(12, "0")}`;
const shardIndex = (id: string | undefined) => (id === undefined ? undefined : Number(id.slice(-12)));

async function lineage(client: KinesisClient, input: ListShardsCommandInput) {
  const { Shards: shards } = await client.send(new ListShardsCommand(input));
  return shards!.map((shard) => ({
    index: shardIndex(shard.ShardId),
    parents: [shardIndex(shard.ParentShardId), shardIndex(shard.AdjacentParentShardId)],
    range: shard.HashKeyRange,
    closed: shard.SequenceNumberRange!.EndingSequenceNumber !== undefined,
  }));
}

async function put(client: KinesisClient, StreamName: string, text: string, ExplicitHashKey?: string) {
  const Data = Buffer.from(text);
  return client.send(new PutRecordCommand({ StreamName, Data, PartitionKey: text, ExplicitHashKey }));
}

type Start = Omit<GetShardIteratorCommandInput, "StreamName" | "ShardId"> & { ShardId?: string };

async function iterator(client: KinesisClient, StreamName: string, start: Start): Promise<string> {
  const input = { StreamName, ShardId: shardId(0), ...start };
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator!;
}

const texts = (answer: GetRecordsCommandOutput) =>
  answer.Records!.map((record) => Buffer.from(record.Data!).toString());

async function split(client: KinesisClient, StreamName: string, index: number, key: bigint) {
  const input = { StreamName, ShardToSplit: shardId(index), NewStartingHashKey: key.toString() };
  await client.send(new SplitShardCommand(input));
  await untilActive(client, StreamName);
}

async function merge(client: KinesisClient, StreamName: string, index: number, adjacent: number) {
  const input = { StreamName, ShardToMerge: shardId(index), AdjacentShardToMerge: shardId(adjacent) };
  await client.send(new MergeShardsCommand(input));
  await untilActive(client, StreamName);
}

describe("as kinesis-local does it", () => {
  it("splits and merges into the same shards, parents and hash keys", async () => {
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      await split(client, StreamName, 0, 2n ** 127n);
      await split(client, StreamName, 2, 3n * 2n ** 126n);
      await merge(client, StreamName, 1, 3);
      return lineage(client, { StreamName });
    });
    expect(ours).toEqual(theirs);
    expect(ours).toHaveLength(6);
  });

  it("doubles and halves the shard count into as many shards of as many parents", async () => {
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      for (const TargetShardCount of [2, 4, 2]) {
        await client.send(
          new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" }),
        );
        await untilActive(client, StreamName);
      }
      const shards = await lineage(client, { StreamName });
      return {
        shardCount: shards.length,
        openCount: shards.filter((shard) => !shard.closed).length,
        parentCounts: shards.map(({ parents }) => parents.filter((parent) => parent !== undefined).length),
      };
    });
    expect(ours).toEqual(theirs);
  });

  it("puts a thousand partition keys on the same shards, in the same order", async () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `key-${index}-ü`);
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      const shards: (number | undefined)[] = [];
      for (const half of [keys.slice(0, 500), keys.slice(500)]) {
        const Records = half.map((PartitionKey) => ({ Data: Buffer.from(PartitionKey), PartitionKey }));
        const answer = await client.send(new PutRecordsCommand({ StreamName, Records }));
        shards.push(...answer.Records!.map((record) => shardIndex(record.ShardId)));
      }
      const read = await Promise.all(
        [0, 1, 2].map(async (index) => {
          const start: Start = { ShardId: shardId(index), ShardIteratorType: "TRIM_HORIZON" };
          const ShardIterator = await iterator(client, StreamName, start);
          return texts(await client.send(new GetRecordsCommand({ ShardIterator })));
        }),
      );
      return { shards, read };
    }, 3);
    expect(ours).toEqual(theirs);
    expect(new Set(ours.shards)).toEqual(new Set([0, 1, 2]));
  });

  it("reads the same records from each of the five iterator types", async () => {
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      const numbers: (string | undefined)[] = [];
      for (const text of ["a", "b", "c"]) {
        numbers.push((await put(client, StreamName, text)).SequenceNumber);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const latest = await iterator(client, StreamName, { ShardIteratorType: "LATEST" });
      await put(client, StreamName, "d");
      const read = async (ShardIterator: string) => client.send(new GetRecordsCommand({ ShardIterator }));
      const from = async (start: Start) => texts(await read(await iterator(client, StreamName, start)));
      const all = await read(await iterator(client, StreamName, { ShardIteratorType: "TRIM_HORIZON" }));
      const arrival = all.Records![1]!.ApproximateArrivalTimestamp!;
      return {
        trimHorizon: texts(all),
        latest: texts(await read(latest)),
        at: await from({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: numbers[1] }),
        after: await from({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: numbers[1] }),
        atTimestamp: await from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: arrival }),
        later: await from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(arrival.getTime() + 10) }),
        before: await from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(0) }),
      };
    });
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ atTimestamp: ["b", "c", "d"], later: ["c", "d"] });
  });

  it("goes on from the next iterator, and is not behind at the tip", async () => {
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      for (const text of ["a", "b", "c"]) await put(client, StreamName, text);
      let ShardIterator = await iterator(client, StreamName, { ShardIteratorType: "TRIM_HORIZON" });
      const pages: unknown[] = [];
      for (let page = 0; page < 3; page += 1) {
        const answer = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 2 }));
        pages.push({ texts: texts(answer), atTip: page > 0 && answer.MillisBehindLatest === 0 });
        ShardIterator = answer.NextShardIterator!;
      }
      return pages;
    });
    expect(ours).toEqual(theirs);
  });

  it("ends a closed shard with its children and no next iterator, from any start", async () => {
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      await put(client, StreamName, "a");
      await split(client, StreamName, 0, 2n ** 127n);
      await put(client, StreamName, "b", "0");
      await merge(client, StreamName, 1, 2);
      const ends = [];
      for (const start of [
        { ShardIteratorType: "TRIM_HORIZON" },
        { ShardIteratorType: "LATEST" },
        { ShardIteratorType: "TRIM_HORIZON", ShardId: shardId(1) },
        { ShardIteratorType: "TRIM_HORIZON", ShardId: shardId(2) },
      ] satisfies Start[]) {
        const ShardIterator = await iterator(client, StreamName, start);
        const answer = await client.send(new GetRecordsCommand({ ShardIterator }));
        ends.push({
          texts: texts(answer),
          next: answer.NextShardIterator ?? undefined,
          // Which of two parents is named first is not told by AWS.
          children: answer.ChildShards?.map((child) => ({
            ...child,
            ParentShards: child.ParentShards?.sort(),
          })),
        });
      }
      return ends;
    });
    expect(ours).toEqual(theirs);
  });

  it("lists shards page by page and by filter", async () => {
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      await split(client, StreamName, 0, 2n ** 127n);
      const indexes = async (input: ListShardsCommandInput) =>
        (await lineage(client, input)).map((shard) => shard.index);
      const page = await client.send(new ListShardsCommand({ StreamName, MaxResults: 2 }));
      return {
        page: page.Shards!.map((shard) => shardIndex(shard.ShardId)),
        rest: await indexes({ NextToken: page.NextToken }),
        latest: await indexes({ StreamName, ShardFilter: { Type: "AT_LATEST" } }),
        afterShard: await indexes({
          StreamName,
          ShardFilter: { Type: "AFTER_SHARD_ID", ShardId: shardId(0) },
        }),
        exclusive: await indexes({ StreamName, ExclusiveStartShardId: shardId(1) }),
      };
    });
    expect(ours).toEqual(theirs);
  });

  it("takes 500 records, a record of 1 MiB and not one byte more", async () => {
    const { ours, theirs } = await onBoth(async (client, StreamName) => {
      const Records = Array.from({ length: 500 }, () => ({ Data: Buffer.from("x"), PartitionKey: "k" }));
      const many = await client.send(new PutRecordsCommand({ StreamName, Records }));
      const large = (bytes: number) =>
        errorName(
          client.send(new PutRecordCommand({ StreamName, Data: Buffer.alloc(bytes), PartitionKey: "k" })),
        );
      return [many.FailedRecordCount, await large(1024 * 1024), await large(1024 * 1024 + 1)];
    });
    expect(ours).toEqual(theirs);
    expect(ours).toEqual([0, "no error", "InvalidArgumentException"]);
  });
});

type Failing = (client: KinesisClient, StreamName: string) => Promise<unknown>;

const data = Buffer.from("x");
const failures: readonly (readonly [string, Failing])[] = [
  ["a stream that exists", (c, StreamName) => c.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))],
  [
    "a stream that does not",
    (c) => c.send(new PutRecordCommand({ StreamName: "no", Data: data, PartitionKey: "k" })),
  ],
  ["no stream named", (c) => c.send(new PutRecordCommand({ Data: data, PartitionKey: "k" }))],
  [
    "a hash key too large",
    (c, StreamName) =>
      c.send(
        new PutRecordCommand({
          StreamName,
          Data: data,
          PartitionKey: "k",
          ExplicitHashKey: String(2n ** 128n),
        }),
      ),
  ],
  [
    "an iterator of no shard",
    (c, StreamName) => iterator(c, StreamName, { ShardId: shardId(9), ShardIteratorType: "LATEST" }),
  ],
  [
    "an iterator without its number",
    (c, StreamName) => iterator(c, StreamName, { ShardIteratorType: "AT_SEQUENCE_NUMBER" }),
  ],
  [
    "an iterator without its time",
    (c, StreamName) => iterator(c, StreamName, { ShardIteratorType: "AT_TIMESTAMP" }),
  ],
  ["a split outside the shard", (c, StreamName) => split(c, StreamName, 1, 1n)],
  ["a split of no shard", (c, StreamName) => split(c, StreamName, 9, 1000n)],
  ["a merge of shards apart", (c, StreamName) => merge(c, StreamName, 0, 2)],
  ["a merge of no shard", (c, StreamName) => merge(c, StreamName, 0, 9)],
  [
    "more than twice the shards",
    (c, StreamName) =>
      c.send(
        new UpdateShardCountCommand({ StreamName, TargetShardCount: 7, ScalingType: "UNIFORM_SCALING" }),
      ),
  ],
  [
    "a retention of 23 hours",
    (c, StreamName) =>
      c.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 23 })),
  ],
  [
    "a retention of 8,761 hours",
    (c, StreamName) =>
      c.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 8761 })),
  ],
  [
    "a decrease upwards",
    (c, StreamName) =>
      c.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 25 })),
  ],
  ["a next token that is none", (c) => c.send(new ListShardsCommand({ NextToken: "nonsense" }))],
  ["a stream deleted that has a consumer", deleteWithConsumer],
];

describe("fails by the same name as kinesis-local", () => {
  it.each(failures)("for %s", async (_, fail) => {
    const { ours, theirs } = await onBoth((client, StreamName) => errorName(fail(client, StreamName)), 3);
    expect(ours).toBe(theirs);
    expect(ours).toMatch(/^[A-Z]\w+Exception$/);
  });
});

/** Where AWS does otherwise than kinesis-local, we do as AWS; each with how AWS is known to do. */
const differences: readonly (readonly [string, string, { ours: string; theirs: string }, Failing])[] = [
  [
    "501 records in one call",
    "API reference of PutRecords: at most 500",
    { ours: "ValidationException", theirs: "no error" },
    (c, StreamName) => {
      const Records = Array.from({ length: 501 }, () => ({ Data: data, PartitionKey: "k" }));
      return c.send(new PutRecordsCommand({ StreamName, Records }));
    },
  ],
  [
    "an empty partition key",
    "the service model's length constraint; constraints fail as ValidationException",
    { ours: "ValidationException", theirs: "InvalidArgumentException" },
    (c, StreamName) => c.send(new PutRecordCommand({ StreamName, Data: data, PartitionKey: "" })),
  ],
  [
    "a limit of 10,001 records",
    "the service model's range constraint",
    { ours: "ValidationException", theirs: "InvalidArgumentException" },
    async (c, StreamName) => {
      const ShardIterator = await iterator(c, StreamName, { ShardIteratorType: "LATEST" });
      return c.send(new GetRecordsCommand({ ShardIterator, Limit: 10_001 }));
    },
  ],
  [
    "a split of a closed shard",
    "moto's tests, made against AWS",
    { ours: "InvalidArgumentException", theirs: "ResourceInUseException" },
    async (c, StreamName) => {
      await split(c, StreamName, 0, 1000n);
      await split(c, StreamName, 0, 500n);
    },
  ],
  [
    "a split one above the shard's start",
    "AWS's message: greater than one plus the StartingHashKey",
    { ours: "InvalidArgumentException", theirs: "no error" },
    (c, StreamName) => split(c, StreamName, 0, 1n),
  ],
  [
    "a sequence number that was never given out",
    "AWS's message: it did not come from this stream",
    { ours: "InvalidArgumentException", theirs: "no error" },
    (c, StreamName) =>
      iterator(c, StreamName, { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: "17" }),
  ],
  [
    "a timestamp to come",
    "AWS's message: cannot be greater than the currentTimestampInMillis",
    { ours: "InvalidArgumentException", theirs: "no error" },
    (c, StreamName) =>
      iterator(c, StreamName, {
        ShardIteratorType: "AT_TIMESTAMP",
        Timestamp: new Date(Date.now() + 3_600_000),
      }),
  ],
];

describe("differs from kinesis-local, for AWS's sake,", () => {
  it.each(differences)("for %s (%s)", async (_, __, names, fail) => {
    const { ours, theirs } = await onBoth((client, StreamName) => errorName(fail(client, StreamName)));
    expect({ ours, theirs }).toEqual(names);
  });
});

async function errorName(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return (error as Error).name;
  }
}

async function deleteWithConsumer(client: KinesisClient, StreamName: string): Promise<unknown> {
  const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
  const { StreamARN } = summary.StreamDescriptionSummary!;
  await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
  return client.send(new DeleteStreamCommand({ StreamName }));
}

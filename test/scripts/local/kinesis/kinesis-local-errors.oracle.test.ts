import {
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { errorName, iterator, merge, shardId, split, useBothKineses } from "./both-kineses.ts";

const onBoth = useBothKineses();

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

async function deleteWithConsumer(client: KinesisClient, StreamName: string): Promise<unknown> {
  const summary = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
  const { StreamARN } = summary.StreamDescriptionSummary!;
  await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
  return client.send(new DeleteStreamCommand({ StreamName }));
}

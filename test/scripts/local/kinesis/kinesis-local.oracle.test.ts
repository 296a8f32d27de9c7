import {
  GetRecordsCommand,
  ListShardsCommand,
  type ListShardsCommandInput,
  PutRecordCommand,
  PutRecordsCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import {
  errorName,
  iterator,
  lineage,
  merge,
  put,
  type Start,
  shardId,
  shardIndex,
  split,
  texts,
  untilActive,
  useBothKineses,
} from "./both-kineses.ts";

const onBoth = useBothKineses();

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

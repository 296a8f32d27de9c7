import { CreateStreamCommand, GetRecordsCommand, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { iteratorOf, put, serveKinesis, serveStream, startMs, textsFrom } from "../serve-kinesis.ts";

const mib = 1024 * 1024;

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

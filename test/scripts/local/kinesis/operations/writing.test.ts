import {
  CreateStreamCommand,
  GetRecordsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { iteratorOf, put, serveKinesis, serveStream, startMs } from "../serve-kinesis.ts";

const mib = 1024 * 1024;

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

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventSize, kinesisEvent } from "../../../../scripts/local/lambda/batch.ts";

const source = {
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/events",
  shardId: "shardId-000000000006",
};

describe("the event of a batch", () => {
  it("has Lambda's shape", () => {
    const sequenceNumber = "49590338271490256608559692538361571095921575989136588898";
    const record = {
      sequenceNumber,
      partitionKey: "1",
      data: Buffer.from("Hello, this is a test."),
      arrivalTimestampMs: 1545084650987,
    };
    // The example of the developer guide, "Process Amazon Kinesis Data Streams records with Lambda", with our ARNs.
    expect(JSON.parse(kinesisEvent([record], source))).toEqual({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: "1",
            sequenceNumber,
            data: "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
            approximateArrivalTimestamp: 1545084650.987,
          },
          eventSource: "aws:kinesis",
          eventVersion: "1.0",
          eventID: `shardId-000000000006:${sequenceNumber}`,
          eventName: "aws:kinesis:record",
          invokeIdentityArn: "arn:aws:iam::000000000000:role/embedded-lambda",
          awsRegion: "us-east-1",
          eventSourceARN: source.streamArn,
        },
      ],
    });
  });

  it("is measured as long as it is, or at most one comma longer, without being built", () => {
    const record = fc.record({
      sequenceNumber: fc.bigInt({ min: 0n, max: 2n ** 180n }).map(String),
      partitionKey: fc.string({ unit: "binary", maxLength: 64 }),
      data: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      arrivalTimestampMs: fc.integer({ min: 0, max: 2_000_000_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const size = new EventSize(source);
        for (const one of records) size.add(size.bytesOf(one));
        const event = kinesisEvent(records, source);
        expect(
          JSON.parse(event).Records.map(
            (one: { kinesis: { partitionKey: string } }) => one.kinesis.partitionKey,
          ),
        ).toEqual(
          records.map(({ partitionKey }) =>
            partitionKey.toWellFormed() === partitionKey ? partitionKey : expect.anything(),
          ),
        );
        expect(size.bytes - 1).toBe(Buffer.byteLength(event));
      }),
    );
  });
});

import type { KinesisStreamEvent } from "aws-lambda";

/** Wrap events as Lambda's event source delivers them. */
export function kinesisEvent(
  events: readonly object[],
  firstSequenceNumber = 0,
  shard = "shardId-000000000000",
): KinesisStreamEvent {
  return {
    Records: events.map((each, i) => {
      const sequenceNumber = `4959033827149025660855969253836157109592157598913658${String(firstSequenceNumber + i).padStart(4, "0")}`;
      return {
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${shard}:${sequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: "arn:aws:iam::000000000000:role/stream",
        awsRegion: "eu-central-1",
        eventSourceARN: "arn:aws:kinesis:eu-central-1:000000000000:stream/events",
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey: String(i),
          sequenceNumber,
          data: Buffer.from(JSON.stringify(each)).toString("base64"),
          approximateArrivalTimestamp: 1_767_225_600 + i / 1000,
        },
      };
    }),
  };
}

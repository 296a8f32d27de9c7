import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import type { Place } from "../contract/reject.ts";
import { streamArnOf } from "../contract/stream-arn.ts";
import { InvariantError } from "../core/errors.ts";

/** One delivery of consecutive records of one shard. */
export interface DeliveredBatch {
  readonly records: readonly KinesisStreamRecord[];
  /** What the batch covers: stream name, shard, first and last sequence number. */
  readonly range: {
    readonly stream: string;
    readonly shard: string;
    readonly first: string;
    readonly last: string;
  };
  /** Where an event of record `i` stands; a plain record's has the sub-record index 0. */
  placeOf(i: number, subIndex: number): Place;
}

/** @throws {InvariantError} when the delivery is empty or not from Kinesis, which Lambda never does. */
export function openBatch({ Records: records }: KinesisStreamEvent): DeliveredBatch {
  const first = records?.[0];
  if (first?.eventSource !== "aws:kinesis") {
    throw new InvariantError(
      "event: got no Kinesis records, expected a batch of an event source; call the function by its event source",
    );
  }
  const stream = streamArnOf(first.eventSourceARN);
  // `shardId-000000000000:49545…`
  const shard = first.eventID.slice(0, first.eventID.lastIndexOf(":"));
  return {
    records,
    range: {
      stream: stream.slice(stream.indexOf("/") + 1),
      shard,
      first: first.kinesis.sequenceNumber,
      last: records.at(-1)!.kinesis.sequenceNumber,
    },
    placeOf: (i, subIndex) => ({
      stream,
      shard,
      sequenceNumber: records[i]!.kinesis.sequenceNumber,
      subIndex,
    }),
  };
}

/** When a record reached the stream, by the stream's clock, in epoch milliseconds. */
export function arrivalMsOf({ kinesis }: KinesisStreamRecord): number {
  return Math.round(kinesis.approximateArrivalTimestamp * 1000);
}

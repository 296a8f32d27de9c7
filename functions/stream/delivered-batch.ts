import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import type { Place } from "../contract/reject.ts";
import { streamArnOf } from "../contract/stream-arn.ts";
import { disaggregate, type SubRecord } from "../core/decode/aggregated-record.ts";
import { InvariantError } from "../core/errors.ts";

/** What is known of a record. */
export interface DeliveredRecord {
  readonly kinesis: Pick<
    KinesisStreamRecord["kinesis"],
    "sequenceNumber" | "partitionKey" | "approximateArrivalTimestamp" | "data"
  >;
}

/** One delivery of consecutive records of one shard. */
export interface DeliveredBatch {
  readonly records: readonly DeliveredRecord[];
  /** What the batch covers: stream name, shard, first and last sequence number. */
  readonly range: {
    readonly stream: string;
    readonly shard: string;
    readonly first: string;
    readonly last: string;
  };
  /**
   * The events of record `i` by sub-record index, where nothing stands for one that is left out; undefined for a plain
   * record, which is its own event.
   *
   * @throws {InputError} `input.malformed` for a damaged aggregated record.
   */
  partsOf(i: number): readonly (SubRecord | undefined)[] | undefined;
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
    partsOf: (i) => disaggregate(records[i]!.kinesis.data),
    placeOf: (i, subIndex) => ({
      stream,
      shard,
      sequenceNumber: records[i]!.kinesis.sequenceNumber,
      subIndex,
    }),
  };
}

/** When a record reached the stream, by the stream's clock, in epoch milliseconds. */
export function arrivalMsOf({ kinesis }: DeliveredRecord): number {
  return Math.round(kinesis.approximateArrivalTimestamp * 1000);
}

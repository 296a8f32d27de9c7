import * as z from "zod/mini";
import { streamArnOf } from "../../functions/contract/stream-arn.ts";
import type { ObjectStore } from "./object-store.ts";
import { type Original, rangeOf, type SourceContent, type SourceObject } from "./original.ts";

/**
 * What Lambda writes to a bucket when an event source gives up on a batch.
 *
 * @see AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source in Lambda"
 */
const parkedObject = z.object({
  requestContext: z.object({ functionArn: z.string() }),
  /** The event the function was or would have been invoked with, as JSON text. */
  payload: z.string(),
});
const digits = z.string().check(z.regex(/^\d+$/));
const kinesisEvent = z.object({
  Records: z
    .array(
      z.object({
        eventID: z.string(),
        eventSourceARN: z.string(),
        kinesis: z.object({
          partitionKey: z.string(),
          sequenceNumber: digits,
          /** Base64. */
          data: z.string(),
          /** Epoch seconds with a fraction. */
          approximateArrivalTimestamp: z.number(),
        }),
      }),
    )
    .check(z.minLength(1)),
});

export interface ParkedFilter {
  /** Whether the payloads of a function, by its ARN, are wanted. */
  wants(functionArn: string): Promise<boolean>;
}

/**
 * Find the objects of parked batches.
 *
 * Their keys tell when they were parked, not what they hold, so each is read twice: here for its place in the
 * stream, later for its records.
 *
 * @param onDamaged - told of an object that is not what Lambda writes.
 */
export async function* parkedObjects(
  store: ObjectStore,
  filter: ParkedFilter,
  onDamaged: (message: string) => void,
): AsyncGenerator<SourceObject> {
  for await (const key of store.list("aws/lambda/")) {
    const body = await store.get(key);
    const parked = body && parseParked(body);
    if (parked === undefined) {
      onDamaged(`${key}: is no parked payload of a kinesis event source`);
      continue;
    }
    if (!(await filter.wants(parked.functionArn))) continue;
    const numbers = parked.originals.map(({ sequenceNumber }) => BigInt(sequenceNumber));
    const [{ stream, shard }] = parked.originals as [Original];
    yield {
      key,
      stream,
      shard,
      ...rangeOf(numbers),
      read: () => readParked(store, key),
    };
  }
}

async function readParked(store: ObjectStore, key: string): Promise<SourceContent> {
  const body = await store.get(key);
  const parked = body && parseParked(body);
  if (parked === undefined) return { originals: [], damaged: [`${key}: gone since it was listed`] };
  return { originals: parked.originals, damaged: [] };
}

function parseParked(body: Uint8Array): { functionArn: string; originals: readonly Original[] } | undefined {
  try {
    const { requestContext, payload } = parkedObject.parse(JSON.parse(Buffer.from(body).toString("utf8")));
    const { Records } = kinesisEvent.parse(JSON.parse(payload));
    return { functionArn: requestContext.functionArn, originals: Records.map(toOriginal) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.core.$ZodError) return undefined;
    throw error;
  }
}

function toOriginal({
  eventID,
  eventSourceARN,
  kinesis,
}: z.infer<typeof kinesisEvent>["Records"][number]): Original {
  const data = Buffer.from(kinesis.data, "base64");
  const streamArn = streamArnOf(eventSourceARN);
  return {
    kind: "parked",
    stream: streamArn.slice(streamArn.lastIndexOf("/") + 1),
    shard: eventID.slice(0, eventID.indexOf(":")),
    sequenceNumber: kinesis.sequenceNumber,
    // The events within an aggregated record have places of their own; none of them stands for the record.
    subIndex: data.subarray(0, aggregatedMagic.length).equals(aggregatedMagic) ? "whole" : 0,
    partitionKey: kinesis.partitionKey,
    data,
    arrivedAt: kinesis.approximateArrivalTimestamp * 1000,
  };
}

/** First bytes of an aggregated record. @see awslabs/amazon-kinesis-producer, aggregation-format.md */
const aggregatedMagic = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);

import type { DeliveredBatch } from "../../functions/stream/delivered-batch.ts";
import type { PastEvent } from "../archive/archived-object.ts";

export interface PastBatchOptions {
  /** Events of one round over the shards. @default 4096 */
  readonly maxEvents?: number;
  /** How far apart events of different shards may have arrived that come in one round. @default 1000 */
  readonly maxSkewMs?: number;
}

/** One record as it stood in its shard, or what is left of it. */
interface PastRecord {
  readonly kinesis: DeliveredBatch["records"][number]["kinesis"];
  /** By sub-record index. */
  readonly parts: ({ readonly partitionKey: string; readonly data: Buffer } | undefined)[];
}

/**
 * Cut events into batches as a stream would deliver them: each of one shard and in its order, places and arrival as they
 * were, records that were taken apart in one piece.
 *
 * Rounds go over the shards: in each come those that arrived at about the same time, so that one shard is ahead of another
 * by no more than it would be live. Events without bytes are left out.
 *
 * @param events - those of a shard in stream order.
 */
export async function* pastBatches(
  events: AsyncIterable<PastEvent>,
  { maxEvents = 4096, maxSkewMs = 1000 }: PastBatchOptions = {},
): AsyncGenerator<DeliveredBatch> {
  let round = new Map<string, PastRecord[]>();
  let eventCount = 0;
  let startMs = 0;
  for await (const event of events) {
    if (event.data === undefined) continue;
    const { shard, sequenceNumber, subIndex, partitionKey, data, arrivedAtMs } = event;
    let records = round.get(shard);
    if (records?.at(-1)?.kinesis.sequenceNumber !== sequenceNumber) {
      const isOfOne = round.size === 1 && records !== undefined;
      if (eventCount >= maxEvents || (!isOfOne && arrivedAtMs - startMs >= maxSkewMs)) {
        yield* batchesOf(round);
        round = new Map();
        records = undefined;
        eventCount = 0;
      }
      if (eventCount === 0) startMs = arrivedAtMs;
      if (records === undefined) {
        records = [];
        round.set(shard, records);
      }
      records.push(recordOf(event));
    }
    records!.at(-1)!.parts[subIndex] = { partitionKey, data };
    eventCount++;
  }
  yield* batchesOf(round);
}

function recordOf({ sequenceNumber, partitionKey, arrivedAtMs }: PastEvent): PastRecord {
  // The bytes stand with the parts.
  const kinesis = { sequenceNumber, partitionKey, approximateArrivalTimestamp: arrivedAtMs / 1000, data: "" };
  return { kinesis, parts: [] };
}

function* batchesOf(round: ReadonlyMap<string, readonly PastRecord[]>): Generator<DeliveredBatch> {
  for (const [shard, records] of round) {
    yield {
      records,
      range: {
        stream: streamName,
        shard,
        first: records[0]!.kinesis.sequenceNumber,
        last: records.at(-1)!.kinesis.sequenceNumber,
      },
      partsOf: (i) => records[i]!.parts,
      placeOf: (i, subIndex) => ({
        ...{ stream: streamName, shard, subIndex },
        sequenceNumber: records[i]!.kinesis.sequenceNumber,
      }),
    };
  }
}

/** Only events without an id are named by their stream, and those have no outcome. */
const streamName = "events";

import type { PastEvent } from "../archive/archived-object.ts";

/** An event that never was on a stream. */
export interface UnplacedEvent {
  readonly partitionKey: string;
  /** JSON text or bytes. */
  readonly data: string | Buffer;
  /** When it would have arrived, epoch milliseconds. */
  readonly arrivedAtMs: number;
}

/** Give events places on a stream of one shard, in the order in which they come. */
export async function* placeEvents(
  events: AsyncIterable<UnplacedEvent> | Iterable<UnplacedEvent>,
): AsyncGenerator<PastEvent> {
  let position = 0;
  for await (const { partitionKey, data, arrivedAtMs } of events) {
    yield {
      ...{ shard: "shardId-000000000000", sequenceNumber: String(position++), subIndex: 0 },
      ...{ partitionKey, arrivedAtMs },
      data: typeof data === "string" ? Buffer.from(data) : data,
    };
  }
}

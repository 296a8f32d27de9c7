import { putEvents } from "../../../scripts/replay/put-events.ts";
import type { Stage } from "./stage.ts";

/** One record to put: an event as an object, or bytes as they are. */
export interface EventToPut {
  readonly data: Uint8Array | object;
  /** Records of one key stand on one shard, in the order put. */
  readonly partitionKey: string;
}

/** Put records on the events stream, those of one partition key in order. */
export async function putAll(stage: Stage, events: Iterable<EventToPut>): Promise<void> {
  await putEvents({
    client: stage.kinesis,
    streamName: stage.outputs.EventsStreamName,
    events: Array.from(events, ({ data, partitionKey }, i) => ({
      id: String(i),
      partitionKey,
      data: bytesOf(data),
    })),
  });
}

export function bytesOf(data: Uint8Array | object): Uint8Array {
  return data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data));
}

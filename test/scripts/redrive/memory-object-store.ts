import { gzipSync } from "node:zlib";
import { type Reject, rejectKey } from "../../../functions/contract/reject.ts";
import type { EventToPut, EventWriter } from "../../../scripts/redrive/event-writer.ts";
import type { ObjectStore } from "../../../scripts/redrive/object-store.ts";

export class MemoryObjectStore implements ObjectStore {
  readonly objects = new Map<string, Uint8Array>();

  async *list(prefix: string): AsyncGenerator<string> {
    yield* [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.objects.get(key);
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    this.objects.set(key, body);
  }
}

export class MemoryEventWriter implements EventWriter {
  readonly calls: (readonly EventToPut[])[] = [];
  /** Whether the stream has room for an event. */
  takes: (event: EventToPut) => boolean = () => true;

  async put(events: readonly EventToPut[]): Promise<readonly number[]> {
    const refused = events.flatMap((event, i) => (this.takes(event) ? [] : [i]));
    this.calls.push(events.filter((_, i) => !refused.includes(i)));
    return refused;
  }

  /** What the stream took, in order: the events' text. */
  get texts(): string[] {
    return this.calls.flat().map(({ data }) => Buffer.from(data).toString());
  }
}

export const streamArn = "arn:aws:kinesis:us-east-1:000000000000:stream/events";

export interface Given {
  readonly sequence: number;
  readonly text: string;
  readonly model?: string;
  readonly code?: string;
  readonly subIndex?: number;
  readonly shard?: string;
  readonly arrivedAt?: string;
  /** Private paths that were taken out of it. */
  readonly removed?: string[];
  /** Whether it could not be parsed, so that none of it was kept. */
  readonly isWithheld?: boolean;
}

/** Write one object of rejected events, as the stream function does. */
export function storeRejects(store: MemoryObjectStore, given: readonly Given[]): string {
  const lines = given.map((each): Reject => {
    return {
      code: each.code ?? "input.range",
      message: "a reason",
      model: each.model ?? "flight-delay",
      place: {
        stream: streamArn,
        shard: each.shard ?? "shardId-000000000000",
        sequenceNumber: sequenceNumber(each.sequence),
        subIndex: each.subIndex ?? 0,
      },
      partitionKey: `key-${each.text.slice(0, 16)}`,
      arrivedAt: each.arrivedAt ?? "2001-01-31T06:00:00.000Z",
      ...(each.isWithheld
        ? { dataLengthBytes: each.text.length, dataSha256: "0".repeat(64) }
        : { data: Buffer.from(each.text).toString("base64") }),
      ...(each.removed && { removed: each.removed }),
    };
  });
  const [first, last] = [given[0]!, given.at(-1)!];
  const key = rejectKey({
    model: first.model ?? "flight-delay",
    stream: "events",
    shard: first.shard ?? "shardId-000000000000",
    first: sequenceNumber(first.sequence),
    last: sequenceNumber(last.sequence),
  });
  store.objects.set(key, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
  return key;
}

let parkedCount = 0;

/** Write one parked batch in the shape that AWS documents. */
export function storeParked(
  store: MemoryObjectStore,
  given: readonly Given[],
  { functionName = "stream-flight-delay", eventSourceArn = streamArn } = {},
): string {
  const shard = given[0]!.shard ?? "shardId-000000000000";
  const Records = given.map((each) => ({
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey: `key-${each.text.slice(0, 16)}`,
      sequenceNumber: sequenceNumber(each.sequence),
      data: Buffer.from(each.text, "latin1").toString("base64"),
      approximateArrivalTimestamp: Date.parse(each.arrivedAt ?? "2001-01-31T06:00:00.000Z") / 1000,
    },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shard}:${sequenceNumber(each.sequence)}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: "arn:aws:iam::000000000000:role/stream",
    awsRegion: "us-east-1",
    eventSourceARN: eventSourceArn,
  }));
  const key = `aws/lambda/a1b2/${shard}/2001/01/31/2001-01-31T06.00.00-${String(parkedCount++).padStart(4, "0")}`;
  const parked = {
    requestContext: {
      requestId: "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
      functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 2,
    },
    version: "1.0",
    timestamp: "2001-01-31T06:00:00.000Z",
    KinesisBatchInfo: { shardId: shard, streamArn, batchSize: given.length },
    payload: JSON.stringify({ Records }),
  };
  store.objects.set(key, Buffer.from(JSON.stringify(parked)));
  return key;
}

/** A sequence number as long as Kinesis makes them. */
export function sequenceNumber(n: number): string {
  return `49590338271490256608559692538361571095921575989136588${String(n).padStart(3, "0")}`;
}

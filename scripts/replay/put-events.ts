import { setTimeout as sleep } from "node:timers/promises";
import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { createSendWindow, type SendWindow } from "./send-window.ts";

export interface OutgoingEvent {
  readonly id: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** Its place among all that are put; for whoever wants to know how far it is. */
  readonly position?: number | undefined;
  /** Not put before so many milliseconds after the first one. @default when its turn comes */
  readonly dueMs?: number | undefined;
}

export interface PutEventsOptions {
  readonly client: KinesisClient;
  readonly streamName: string;
  readonly events: Iterable<OutgoingEvent> | AsyncIterable<OutgoingEvent>;
  /** Events per second that are aimed at. @default as fast as the stream takes them */
  readonly ratePerSecond?: number | undefined;
  /** Most calls in flight. @default 4 */
  readonly maxInFlight?: number;
  /** Called as a call goes out, before it is answered, and once per event; epoch milliseconds with fractions. */
  readonly onSend?: (events: readonly OutgoingEvent[], sentAtMs: number) => void;
  /** Called with the events that a call put. */
  readonly onPut?: (events: readonly OutgoingEvent[]) => void;
  readonly signal?: AbortSignal | undefined;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** Kinesis' own limit of one PutRecords call. */
const maxRecordsPerCall = 500;
/** Kinesis takes 10 MiB; a smaller call is acknowledged sooner and these events never come near it. */
const maxBytesPerCall = 4 * 1024 * 1024;
const maxAttempts = 12;
const maxBackoffMs = 3_000;

/**
 * Put events on a stream: several PutRecords calls in flight, refused records again with jitter, fewer calls at a
 * time while the stream throttles.
 *
 * Events of one partition key are never in two calls at once, so a later one does not overtake an earlier one but
 * where Kinesis refuses part of a call.
 *
 * @returns how many were put, and how many times a record was refused and sent again.
 * @throws {Error} when a record is refused 12 times, a call fails, or the signal aborts.
 */
export async function putEvents(options: PutEventsOptions): Promise<{ put: number; refusals: number }> {
  const { maxInFlight = 4, ratePerSecond, signal } = options;
  const window = createSendWindow(maxInFlight);
  const lanes = Array.from({ length: maxInFlight }, newLane);
  const totals = { put: 0, refusals: 0 };
  const startMs = performance.now();
  let readCount = 0;

  const flush = async (lane: Lane) => {
    if (lane.events.length === 0) return;
    await lane.sending;
    const events = lane.events;
    Object.assign(lane, newLane());
    lane.sending = putAll(events, { ...options, window, totals });
    // Whoever awaits the lane next gets the error; until then it must not count as unhandled.
    lane.sending.catch(() => undefined);
  };
  for await (const event of options.events) {
    signal?.throwIfAborted();
    const dueMs =
      event.dueMs ?? (ratePerSecond === undefined ? undefined : (readCount * 1_000) / ratePerSecond);
    if (dueMs !== undefined) {
      const earlyMs = startMs + dueMs - performance.now();
      if (earlyMs > 0) {
        for (const lane of lanes) await flush(lane);
        // Timers of one or two milliseconds would make one call per event.
        await sleep(Math.max(earlyMs, 20), undefined, { signal });
      }
    }
    readCount += 1;
    const lane = lanes[hash(event.partitionKey) % lanes.length]!;
    if (lane.events.length === maxRecordsPerCall || lane.sizeBytes + sizeOf(event) > maxBytesPerCall) {
      await flush(lane);
    }
    lane.events.push(event);
    lane.sizeBytes += sizeOf(event);
  }
  for (const lane of lanes) await flush(lane);
  await Promise.all(lanes.map(({ sending }) => sending));
  return totals;
}

/** Where the events of some partition keys queue; it has one call in flight. */
interface Lane {
  events: OutgoingEvent[];
  sizeBytes: number;
  sending: Promise<void>;
}

function newLane(): Lane {
  return { events: [], sizeBytes: 0, sending: Promise.resolve() };
}

interface PutAllOptions extends PutEventsOptions {
  readonly window: SendWindow;
  readonly totals: { put: number; refusals: number };
}

async function putAll(events: readonly OutgoingEvent[], options: PutAllOptions): Promise<void> {
  const { window, totals, signal, random = Math.random } = options;
  let left = events;
  for (let attempt = 1; ; attempt += 1) {
    await window.acquire();
    let answer: PutAnswer = { refused: left };
    try {
      signal?.throwIfAborted();
      if (attempt === 1) options.onSend?.(left, performance.timeOrigin + performance.now());
      answer = await putOnce(left, options);
    } finally {
      window.release({ throttled: answer.refused.length > 0 });
    }
    totals.put += left.length - answer.refused.length;
    totals.refusals += answer.refused.length;
    const refused = new Set(answer.refused);
    options.onPut?.(left.filter((event) => !refused.has(event)));
    left = answer.refused;
    if (left.length === 0) return;
    if (attempt === maxAttempts) {
      throw new Error(
        `stream ${options.streamName} refused ${left.length} events ${maxAttempts} times, last with ${answer.reason}; ` +
          "give it more shards or on-demand capacity, or replay with a lower --rate",
      );
    }
    await sleep(random() * Math.min(maxBackoffMs, 50 * 2 ** attempt), undefined, { signal });
  }
}

interface PutAnswer {
  readonly refused: readonly OutgoingEvent[];
  readonly reason?: string;
}

async function putOnce(
  events: readonly OutgoingEvent[],
  { client, streamName, signal }: PutAllOptions,
): Promise<PutAnswer> {
  const command = new PutRecordsCommand({
    StreamName: streamName,
    Records: events.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
  });
  const { Records = [] } = await client.send(command, { abortSignal: signal });
  const failed = Records.find(({ ErrorCode }) => ErrorCode !== undefined);
  return {
    refused: events.filter((_, index) => Records[index]?.ErrorCode !== undefined),
    reason: `${failed?.ErrorCode}: ${failed?.ErrorMessage}`,
  };
}

function sizeOf({ partitionKey, data }: OutgoingEvent): number {
  return partitionKey.length + data.length;
}

/** FNV-1a; spreads partition keys over lanes. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

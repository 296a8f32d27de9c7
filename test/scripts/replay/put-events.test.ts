import { describe, expect, it } from "vitest";
import { type OutgoingEvent, putEvents } from "../../../scripts/replay/put-events.ts";
import { serveKinesis } from "../local/kinesis/serve-kinesis.ts";
import { readStream } from "./read-stream.ts";

function numbered(count: number, keyCount: number): OutgoingEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(index),
    partitionKey: `key-${index % keyCount}`,
    data: Buffer.from(JSON.stringify({ index })),
  }));
}

async function serve(options: { shardCount: number; throttle?: boolean }) {
  const calls: { records: number }[] = [];
  const served = await serveKinesis({
    throttle: options.throttle,
    beforeOperation: (operation, input) => {
      if (operation === "PutRecords")
        calls.push({ records: (input as { Records: unknown[] }).Records.length });
    },
  });
  const { streamArn } = served.kinesis.createStream({
    streamName: "events",
    shardCount: options.shardCount,
    onDemand: false,
    retentionHours: 24,
  });
  return { ...served, streamArn, calls, read: () => readStream(served.kinesis, streamArn) };
}

describe("putEvents", () => {
  it("puts every event once, in calls of up to 500, and keeps the order of each partition key", async () => {
    const { client, read, calls } = await serve({ shardCount: 4 });
    const events = numbered(3_210, 17);

    const { put, refusals } = await putEvents({ client, streamName: "events", events });

    const records = read();
    expect([put, refusals, records.length]).toEqual([3_210, 0, 3_210]);
    expect(Math.max(...calls.map(({ records: count }) => count))).toBeLessThanOrEqual(500);
    expect(calls.length).toBeLessThanOrEqual(12);
    for (let key = 0; key < 17; key += 1) {
      const indexes = records
        .filter(({ partitionKey }) => partitionKey === `key-${key}`)
        .map(({ data }) => JSON.parse(String(data)).index as number);
      expect(indexes).toEqual(events.map((_, index) => index).filter((index) => index % 17 === key));
    }
  });

  it("sends refused records again until a throttled shard has taken all, and loses and doubles none", async () => {
    const { client, read } = await serve({ shardCount: 1, throttle: true });

    const { put, refusals } = await putEvents({ client, streamName: "events", events: numbered(2_000, 50) });

    expect(put).toBe(2_000);
    expect(refusals).toBeGreaterThan(0);
    expect(new Set(read().map(({ data }) => String(data))).size).toBe(2_000);
    expect(read()).toHaveLength(2_000);
  });

  it("tells when an event first went out, once for each, and never after it was put", async () => {
    const { client, read } = await serve({ shardCount: 1, throttle: true });
    const sent = new Map<string, number>();

    await putEvents({
      client,
      streamName: "events",
      events: numbered(1_500, 5),
      onSend: (events, sentAtMs) => {
        for (const { id } of events) {
          expect(sent.has(id)).toBe(false);
          sent.set(id, sentAtMs);
        }
      },
    });

    expect(sent.size).toBe(1_500);
    for (const { data, arrivalTimestampMs } of read()) {
      expect(sent.get(String(JSON.parse(String(data)).index))).toBeLessThan(arrivalTimestampMs + 5);
    }
  });

  it("keeps to a rate, sending what is due rather than full calls", async () => {
    const { client, read, calls } = await serve({ shardCount: 1 });
    const startMs = Date.now();

    await putEvents({ client, streamName: "events", events: numbered(10, 1), ratePerSecond: 20 });

    // The tenth event is due 450 ms after the first.
    expect(Math.max(...read().map(({ arrivalTimestampMs }) => arrivalTimestampMs))).toBeGreaterThan(
      startMs + 440,
    );
    expect(calls.length).toBeGreaterThan(1);
  });

  it("fails with the service's own error when the stream is not there", async () => {
    const { client } = await serve({ shardCount: 1 });

    await expect(
      putEvents({ client, streamName: "nowhere", events: numbered(1_200, 9) }),
    ).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("stops when it is told to", async () => {
    const { client, read } = await serve({ shardCount: 1 });
    const stopping = new AbortController();
    const events = (function* () {
      for (const event of numbered(5_000, 9)) {
        if (event.id === "2000") stopping.abort();
        yield event;
      }
    })();

    await expect(
      putEvents({ client, streamName: "events", events, signal: stopping.signal }),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(read().length).toBeLessThan(5_000);
  });
});

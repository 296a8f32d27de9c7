import { expect, it } from "vitest";
import { type FlightEvent, interleavedEvents } from "../../../scripts/flights/interleaved-events.ts";
import { replay } from "../../../scripts/replay/replay.ts";
import { serveKinesis } from "../local/kinesis/serve-kinesis.ts";
import { readStream } from "./read-stream.ts";

/** More than one call takes, so that calls could overtake each other. */
const flightCount = 3_000;

it("at full speed both kinds of events stand in every shard in the order of their time", async () => {
  const { client, kinesis } = await serveKinesis();
  const settings = { onDemand: false, retentionHours: 24 };
  const { streamArn } = kinesis.createStream({ ...settings, streamName: "events", shardCount: 2 });
  kinesis.createStream({ ...settings, streamName: "predictions", shardCount: 1 });
  const events: FlightEvent[] = [];
  for await (const each of interleavedEvents({ fromMs: Date.UTC(2001, 0, 31), limit: flightCount }))
    events.push(each);

  // No model answers: what is looked at is what was put.
  await replay({
    client,
    eventsStream: "events",
    predictionsStream: "predictions",
    model: "flight-delay",
    events,
    phases: [{ name: "full speed", eventCount: events.length }],
    pollIntervalMs: 5,
    quietMs: 0,
  });

  expect(readStream(kinesis, streamArn)).toHaveLength(2 * flightCount);
  for (const { shardId } of kinesis.listShards(streamArn)) {
    const cursor = kinesis.openCursor(streamArn, shardId, { type: "TRIM_HORIZON" });
    const times = cursor.read(10_000).records.map(({ data }) => {
      const event = JSON.parse(String(data));
      return Date.parse(event.departs ?? event.arrives);
    });
    expect(times.length).toBeGreaterThan(500);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

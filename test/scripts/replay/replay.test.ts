import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Prediction } from "../../../functions/contract/prediction.ts";
import { arrivalEvent, arrivesMs } from "../../../scripts/flights/arrival-event.ts";
import { departureEvent } from "../../../scripts/flights/departure-event.ts";
import type { Flight } from "../../../scripts/flights/flight.ts";
import type { FlightEvent } from "../../../scripts/flights/interleaved-events.ts";
import type { KinesisService } from "../../../scripts/local/kinesis/kinesis.ts";
import { type ReplayOptions, replay } from "../../../scripts/replay/replay.ts";
import { serveKinesis } from "../local/kinesis/serve-kinesis.ts";

const flights: Flight[] = Array.from({ length: 900 }, (_, index) => ({
  row: 491_292 + index,
  departsMs: Date.UTC(2001, 0, 31) + index * 60_000,
  origin: ["LAS", "ORD", "MCO", "ATL", "SEA"][index % 5]!,
  destination: "LAX",
  distanceMiles: 236,
  delayMinutes: index % 40,
}));

/** Every departure, and every third flight's arrival. */
const events: FlightEvent[] = flights
  .flatMap((flight): FlightEvent[] => [
    { timeMs: flight.departsMs, flight, event: departureEvent(flight) },
    ...(flight.row % 3 === 0 ? [{ timeMs: arrivesMs(flight), flight, event: arrivalEvent(flight) }] : []),
  ])
  .sort((a, b) => a.timeMs - b.timeMs);

interface FakeModel {
  /** What is put for an event; none loses it. */
  readonly answer?: (event: { flight: string; departs: string }) => readonly Partial<Prediction>[];
}

/** Streams with a model behind them that answers each departure; stands where the stream function does. */
async function serve({ answer = () => [{}] }: FakeModel = {}) {
  const { client, kinesis } = await serveKinesis();
  const settings = { shardCount: 2, onDemand: false, retentionHours: 24 };
  const { streamArn } = kinesis.createStream({ ...settings, streamName: "events" });
  kinesis.createStream({ ...settings, streamName: "predictions" });
  const ending = new AbortController();
  const models = kinesis.listShards(streamArn).map(({ shardId }) =>
    pump(kinesis, { streamArn, shardId, signal: ending.signal }, async (texts) => {
      const asked = texts.map((text) => JSON.parse(text)).filter(({ type }) => type === "departure");
      const predictions = asked.flatMap((event) => predict(event, answer));
      if (predictions.length > 0) await putPredictions(client, predictions);
    }),
  );
  onTestFinished(async () => {
    ending.abort();
    await Promise.allSettled(models);
  });
  const run = (more: Partial<ReplayOptions> = {}) =>
    replay({
      client,
      eventsStream: "events",
      predictionsStream: "predictions",
      model: "flight-delay",
      events,
      phases: [
        { name: "warm-up", eventCount: 100 },
        { name: "full speed", eventCount: events.length - 100 },
      ],
      pollIntervalMs: 5,
      quietMs: 5_000,
      ...more,
    });
  return { kinesis, run };
}

async function pump(
  kinesis: KinesisService,
  at: { streamArn: string; shardId: string; signal: AbortSignal },
  take: (texts: readonly string[]) => Promise<void>,
): Promise<void> {
  const cursor = kinesis.openCursor(at.streamArn, at.shardId, { type: "TRIM_HORIZON" });
  for (;;) {
    await cursor.waitForData(at.signal);
    await take(cursor.read(100).records.map(({ data }) => String(data)));
  }
}

function predict(
  event: { flight: string; departs: string },
  answer: NonNullable<FakeModel["answer"]>,
): Prediction[] {
  return answer(event).map((changes) => ({
    predictionId: `id-${event.flight}`,
    model: "flight-delay",
    digest: "0".repeat(64),
    role: "champion",
    eventId: event.flight,
    eventTime: event.departs,
    outputs: { probability: 0.25, label: "on time" },
    ...changes,
  }));
}

async function putPredictions(client: KinesisClient, predictions: readonly Prediction[]): Promise<void> {
  await client.send(
    new PutRecordsCommand({
      StreamName: "predictions",
      Records: predictions.map((prediction) => ({
        PartitionKey: prediction.eventId,
        Data: Buffer.from(JSON.stringify(prediction)),
      })),
    }),
  );
}

describe("replay", () => {
  it("matches every prediction to its flight and to its phase", async () => {
    const { run } = await serve();
    const progress: number[] = [];

    const result = await run({ onProgress: ({ scored }) => progress.push(scored.length) });

    expect(result.missing).toEqual([]);
    expect(result.scored.map(({ flight }) => flight.row).toSorted()).toEqual(flights.map(({ row }) => row));
    const departures = events.slice(0, 100).filter(({ event }) => event.type === "departure").length;
    expect(result.phases.map(({ name, scored }) => [name, scored.length])).toEqual([
      ["warm-up", departures],
      ["full speed", 900 - departures],
    ]);
    for (const { flight, prediction, sentAtMs, seenAtMs } of result.scored) {
      expect(prediction.eventId).toBe(`0${flight.row}`);
      expect(seenAtMs).toBeGreaterThan(sentAtMs);
    }
    expect(progress.at(-1)).toBe(900);
  });

  it("counts a prediction that comes again once, and passes over those of other models", async () => {
    const { run } = await serve({ answer: () => [{ model: "other" }, {}, {}] });

    const result = await run();

    expect([result.scored.length, result.missing.length]).toEqual([900, 0]);
    expect(result.duplicateCount).toBeGreaterThan(800);
    expect(result.scored.every(({ prediction }) => prediction.model === "flight-delay")).toBe(true);
  });

  it("gives up what is missing after a quiet time and says which flights it was", async () => {
    const lost = ["0491300", "0492000"];
    const { run } = await serve({ answer: ({ flight }) => (lost.includes(flight) ? [] : [{}]) });

    const result = await run({ quietMs: 300 });

    expect(result.missing.map(({ row }) => `0${row}`)).toEqual(lost);
    expect(result.scored).toHaveLength(898);
  });

  it("does not wait for what was rejected", async () => {
    const { run } = await serve({ answer: ({ flight }) => (flight === "0491300" ? [] : [{}]) });

    const result = await run({ quietMs: 60_000, rejectedCount: () => 1 });

    expect(result.missing.map(({ row }) => row)).toEqual([491_300]);
  });

  it("fails when the predictions stream carries something else", async () => {
    const { run } = await serve({ answer: () => [{ outputs: undefined }] });

    await expect(run()).rejects.toThrow(/predictions stream: got \{"predictionId".*expected a prediction/);
  });
});

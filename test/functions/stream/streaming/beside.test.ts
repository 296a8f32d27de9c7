import { beforeAll, describe, expect, it } from "vitest";
import type { Aliases } from "../../../../functions/contract/ledger.ts";
import type { PackageFiles } from "../../../../functions/core/inference/package-store.ts";
import { type FlightEvent, interleavedEvents } from "../../../../scripts/flights/interleaved-events.ts";
import { logisticModel } from "../../../../scripts/onnx/example-models.ts";
import { packageOf } from "../set-up.ts";
import { flightPackage, oracleFeatures, oracleViews } from "./flight-package.ts";
import { openTroubledStage } from "./troubled-stage.ts";
import { createWindowOracle } from "./window-oracle.ts";

const trouble = { redelivered: 0.05, killed: 0.02, throttled: 0.02 };
const eventCount = 12_000;

let flights: FlightEvent[];
const oracle = createWindowOracle(oracleViews, oracleFeatures);
/** What each departure is to see. */
const expected = new Map<string, number[]>();

beforeAll(async () => {
  flights = [];
  for await (const event of interleavedEvents({ fromMs: Date.UTC(2001, 0, 31), limit: eventCount })) {
    flights.push(event);
    if (flights.length === eventCount) break;
  }
  for (const { event, timeMs } of flights) {
    if (event.type === "departure") expected.set(event.flight, oracle.ask({ ...event }, timeMs));
    else oracle.feed({ ...event }, timeMs, event.delay);
  }
});

/** A champion that knows the distance, and so many of the views. */
function lesserPackage(views: readonly string[]): PackageFiles {
  const full = JSON.parse(new TextDecoder().decode(flightPackage().get("model.json")));
  const features = Object.entries(full.features as Record<string, { view?: string }>).filter(
    ([, { view }]) => view === undefined || views.includes(view),
  );
  const kept = Object.entries(full.views as object).filter(([name]) => views.includes(name));
  return packageOf(logisticModel({ featureCount: features.length }), {
    ...full,
    features: Object.fromEntries(features),
    views: Object.fromEntries(kept),
  });
}

describe("a challenger with more windows than the champion, over a stream in trouble", () => {
  it.each([
    ["none of its views", []],
    ["one of its views", ["by_origin"]],
    ["two of its views", ["by_route", "by_origin"]],
  ])("is served windows that are exact to the event where the champion has %s", async (_, views) => {
    const stage = await openTroubledStage(lesserPackage(views), { seed: 3, trouble, shardCount: 1 });
    const challenger = await stage.publish(flightPackage(), (digest) => ({
      champion: { digest: stage.digest! },
      challenger: { digest, share: 1 },
    }));
    putAll(stage);
    await stage.stream.drain();
    expect(stage.stream.counts.killed).toBeGreaterThan(0);
    expect(stage.rejects.rejects.slice(0, 3)).toEqual([]);
    expect(stage.store.rows.filter(({ body }) => JSON.parse(body).digest !== challenger).slice(0, 1)).toEqual(
      [],
    );
    expectServed(stage);
  });

  it("goes on exactly where it left off when it becomes champion, and the champion its challenger", async () => {
    const stage = await openTroubledStage(lesserPackage(["by_origin"]), { seed: 4, trouble, shardCount: 1 });
    const { digest: lesser } = stage;
    const challenger = await stage.publish(
      flightPackage(),
      (digest): Aliases => ({
        champion: { digest: lesser! },
        challenger: { digest, share: 1 },
      }),
    );
    putAll(stage, 0, eventCount / 2);
    await stage.stream.drain();
    await stage.publish(
      flightPackage(),
      (): Aliases => ({
        champion: { digest: challenger },
        challenger: { digest: lesser!, share: 0 },
      }),
    );
    putAll(stage, eventCount / 2, eventCount);
    await stage.stream.drain();
    expect(stage.rejects.rejects.slice(0, 3)).toEqual([]);
    expectServed(stage);
    const roles = Map.groupBy(stage.store.rows, ({ body }) => JSON.parse(body).role);
    expect(Math.min(roles.get("champion")!.length, roles.get("challenger")!.length)).toBeGreaterThan(1000);
  });
});

type Stage = Awaited<ReturnType<typeof openTroubledStage>>;

function putAll(stage: Stage, from = 0, to = eventCount): void {
  for (let i = from; i < to; i++) {
    const { event } = flights[i]!;
    stage.stream.put({ partitionKey: event.origin, data: event, arrivalMs: Date.UTC(2026, 0, 1) + i });
  }
}

/** Every departure has one answer, on the features that the oracle has, to 1e-6 (they are float32). */
function expectServed({ store }: Stage) {
  expect(store.rows.length).toBe(expected.size);
  let worst = 0;
  for (const { eventId, features } of store.rows) {
    const row = new Float32Array(features.slice().buffer);
    const want = expected.get(eventId)!;
    for (let i = 0; i < oracleFeatures.length; i++) {
      const got = row[i + 1]!;
      worst = Math.max(worst, Math.abs(got - want[i]!) / Math.max(1, Math.abs(want[i]!)));
    }
  }
  expect(worst).toBeLessThan(1e-6);
}

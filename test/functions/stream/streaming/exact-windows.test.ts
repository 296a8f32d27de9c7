import { beforeAll, describe, expect, it } from "vitest";
import { decodeBlock } from "../../../../functions/core/views/block-body.ts";
import { startOf } from "../../../../functions/core/views/block-key.ts";
import { Stat, tileStats } from "../../../../functions/core/views/tile.ts";
import { type FlightEvent, interleavedEvents } from "../../../../scripts/flights/interleaved-events.ts";
import { flightPackage, oracleFeatures, oracleViews } from "./flight-package.ts";
import { openTroubledStage } from "./troubled-stage.ts";
import { createWindowOracle } from "./window-oracle.ts";

const trouble = { redelivered: 0.05, killed: 0.02, throttled: 0.02 };
const eventCount = 50_000;
const arrivalMs = Date.UTC(2026, 0, 1);

let flights: FlightEvent[];
/** What was fed, and what each departure is to see. */
const oracle = createWindowOracle(oracleViews, oracleFeatures);
const expected = new Map<string, number[]>();

beforeAll(async () => {
  flights = [];
  const selection = { fromMs: Date.UTC(2001, 0, 31), limit: eventCount };
  for await (const event of interleavedEvents(selection)) {
    flights.push(event);
    if (flights.length === eventCount) break;
  }
  for (const { event, timeMs } of flights) {
    if (event.type === "departure") expected.set(event.flight, oracle.ask({ ...event }, timeMs));
    else oracle.feed({ ...event }, timeMs, event.delay);
  }
});

describe("windows over a stream in trouble", () => {
  it("are exact to the event on one shard, and so are the tiles, the outcomes and the accuracy", async () => {
    const stage = await openTroubledStage(flightPackage(), { seed: 1, trouble, shardCount: 1 });
    putAll(stage);
    await stage.stream.drain();
    expect(stage.stream.counts.killed).toBeGreaterThan(0);
    expect(stage.stream.counts.failed).toBeGreaterThan(0);
    expect(stage.stream.counts.redelivered).toBeGreaterThan(0);
    expect(stage.rejects.rejects.slice(0, 3)).toEqual([]);
    expectServed(
      stage,
      oracleFeatures.map((_, i) => i),
    );
    expectTiles(stage);
    expectJoinedOnce(stage);
  });

  it("leave exact tiles on four shards that split midway, and exact windows where the key is the partition key", async () => {
    const stage = await openTroubledStage(flightPackage(), { seed: 2, trouble, shardCount: 4 });
    const half = eventCount / 2;
    putAll(stage, (i) => {
      if (i === half) stage.stream.split();
    });
    await stage.stream.drain();
    expect(stage.rejects.rejects.slice(0, 3)).toEqual([]);
    const byOrigin = oracleFeatures.flatMap(({ view }, i) => (view === "by_origin" ? [i] : []));
    expectServed(stage, byOrigin);
    expectTiles(stage);
    expectJoinedOnce(stage);
  });
});

type Stage = Awaited<ReturnType<typeof openTroubledStage>>;

/** Put every event on the stream, under its origin. */
function putAll(stage: Stage, before: (i: number) => void = () => {}): void {
  flights.forEach(({ event }, i) => {
    before(i);
    stage.stream.put({ partitionKey: event.origin, data: event, arrivalMs: arrivalMs + i });
  });
}

/** Every departure is predicted once, on the features that the oracle has, to 1e-6 (they are float32). */
function expectServed({ store }: Stage, columns: readonly number[]) {
  expect(store.rows.length).toBe(expected.size);
  let worst = 0;
  for (const { eventId, features } of store.rows) {
    const row = new Float32Array(features.slice().buffer);
    const want = expected.get(eventId)!;
    // The first column is the distance.
    for (const i of columns) worst = Math.max(worst, relativeError(row[i + 1]!, want[i]!));
  }
  expect(worst).toBeLessThan(1e-6);
}

function relativeError(got: number, want: number): number {
  // Of a mean that is nearly nothing, what is nearly nothing of minutes is left over.
  return Math.abs(got - want) / Math.max(1, Math.abs(want));
}

/** Every tile, merged over shards, counts exactly what the oracle was fed, and sums to 1e-9. */
function expectTiles({ tiles }: Stage) {
  const got = new Map<string, { count: number; hits: number; sum: number; min: number; max: number }>();
  const names = Object.keys(oracleViews);
  const digests: string[] = [];
  for (const { partitionKey, sortKey, parts } of tiles.items) {
    const [, kind, digest, level, ...key] = partitionKey.split("#");
    if (kind !== "view" || level !== "0") continue;
    if (!digests.includes(digest!)) digests.push(digest!);
    for (const { body } of parts.values()) {
      const { mask, stats } = decodeBlock(body);
      let place = 0;
      for (let tile = 0; tile < 12; tile++) {
        if ((mask & (1 << tile)) === 0) continue;
        const at = ++place * tileStats;
        const id = `${digest}|${key.join("#")}|${startOf(sortKey) + tile * 300_000}`;
        const sum = got.get(id) ?? { count: 0, hits: 0, sum: 0, min: Infinity, max: -Infinity };
        got.set(id, {
          count: sum.count + stats[at + Stat.count]!,
          hits: sum.hits + stats[at + Stat.hits]!,
          sum: sum.sum + stats[at + Stat.sum]!,
          min: Math.min(sum.min, stats[at + Stat.min]!),
          max: Math.max(sum.max, stats[at + Stat.max]!),
        });
      }
    }
  }
  const tilesOf = (view: string) =>
    [...oracle.facts]
      .filter(([key]) => key.startsWith(`${view}|`))
      .flatMap(([key, list]) => list.map((fact) => ({ key, fact })));
  expect(digests).toHaveLength(names.length);
  const want = new Map<string, { count: number; hits: number; sum: number; min: number; max: number }>();
  for (const view of names) {
    const digest = digestOf(view, digests, [...got.keys()]);
    for (const { key, fact } of tilesOf(view)) {
      const parts = key.split("|").slice(1);
      const id = `${digest}|${parts.length === 1 ? parts[0] : JSON.stringify(parts)}|${fact.tile}`;
      const sum = want.get(id) ?? { count: 0, hits: 0, sum: 0, min: Infinity, max: -Infinity };
      want.set(id, {
        count: sum.count + 1,
        hits: sum.hits + (fact.value > 15 ? 1 : 0),
        sum: sum.sum + fact.value,
        min: Math.min(sum.min, fact.value),
        max: Math.max(sum.max, fact.value),
      });
    }
  }
  // Delays are whole minutes: their sums are exact.
  expect(got.size).toBe(want.size);
  for (const [id, each] of want)
    if (JSON.stringify(got.get(id)) !== JSON.stringify(each)) expect(got.get(id), id).toEqual(each);

  /** Views are told apart by their keys: only routes have two, and only one of the others has this key at this time. */
  function digestOf(view: string, candidates: readonly string[], ids: readonly string[]): string {
    const samples = tilesOf(view).slice(0, 500);
    return candidates.find((digest) => {
      const known = new Set(ids.filter((id) => id.startsWith(digest)));
      return samples.every(({ key, fact }) => {
        const parts = key.split("|").slice(1);
        return known.has(`${digest}|${parts.length === 1 ? parts[0] : JSON.stringify(parts)}|${fact.tile}`);
      });
    })!;
  }
}

/** Every arrival whose departure was predicted is joined, once: at the prediction, in the accuracy, in the examples. */
function expectJoinedOnce({ store, examples, metrics }: Stage) {
  const arrived = new Set(flights.flatMap(({ event }) => (event.type === "arrival" ? [event.flight] : [])));
  const joined = store.rows.filter(({ outcome }) => outcome !== undefined).map(({ eventId }) => eventId);
  const predictable = store.rows.filter(({ eventId }) => arrived.has(eventId));
  expect(joined.length).toBe(predictable.length);
  const lines = [...examples.objects.values()]
    .flat()
    .flatMap((each) => ("predictionId" in each ? [each.predictionId] : []));
  expect(new Set(lines).size).toBe(predictable.length);
  expect(metrics.sum("OutcomesJoined")).toBe(predictable.length);
}

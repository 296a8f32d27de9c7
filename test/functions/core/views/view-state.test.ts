import { describe, expect, it } from "vitest";
import { decodeBlock } from "../../../../functions/core/views/block-body.ts";
import { startOf } from "../../../../functions/core/views/block-key.ts";
import { aggregateOf } from "../../../../functions/core/views/tile.ts";
import { findTile } from "../../../../functions/core/views/tile-set.ts";
import type { Feed, ViewProgram } from "../../../../functions/core/views/view-program.ts";
import { createViewState } from "../../../../functions/core/views/view-state.ts";
import { naiveAggregate } from "./naive-aggregate.ts";
import {
  countedFeeds,
  type Mishaps,
  naiveFeatures,
  type SimulatedEvent,
  type SimulationResult,
  seeded,
  simulate,
  simulatedEvents,
  simulatedProgram,
} from "./view-simulation.ts";

const smooth: Mishaps = { kill: 0, failWrite: 0, failPrediction: 0, moveEnvironment: 0, redeliver: 0 };
const rough: Mishaps = {
  kill: 0.15,
  failWrite: 0.03,
  failPrediction: 0.15,
  moveEnvironment: 0.25,
  redeliver: 0.2,
};

const program = simulatedProgram();
const pick = (random: () => number, keys: readonly string[]) => keys[Math.floor(random() * keys.length)]!;

/** Far more numbers are compared than `expect` likes to be called for. */
function expectClose(got: number, expected: number, what: string): void {
  const isClose = Number.isNaN(expected)
    ? Number.isNaN(got)
    : Math.abs(got - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  if (!isClose) throw new Error(`${what}: got ${got}, expected ${expected}`);
}

/** Every feature of every event, of the lookups given, as of the events before it. */
function expectServed(
  events: readonly SimulatedEvent[],
  { served }: SimulationResult,
  lookups: readonly number[],
) {
  const before: Feed[] = [];
  for (const event of events) {
    const got = served.get(`${event.shard} ${event.mark}`)!;
    naiveFeatures(program, before, event.ask).forEach((expected, i) => {
      const { name, lookup } = program.windows[i]!;
      if (lookups.includes(lookup))
        expectClose(got[i]!, expected, `${name} of event ${event.mark.slice(-12)}`);
    });
    before.push(...countedFeeds(program, [event]));
  }
}

/** Every tile of every level in the store, each shard's part by itself. */
function expectStored(events: readonly SimulatedEvent[], { store }: SimulationResult) {
  const expected = new Map<string, Feed[]>();
  for (const event of events) {
    for (const feed of countedFeeds(program, [event])) {
      const { tileMs, topLevel, digest } = program.views[feed.view]!;
      for (let level = 0; level <= topLevel; level++) {
        const start = Math.floor(feed.timeMs / (tileMs * 12 ** level)) * tileMs * 12 ** level;
        const id = [`m#view#${digest}#${level}#${feed.key}`, event.shard, start].join(" ");
        expected.set(id, [...(expected.get(id) ?? []), feed]);
      }
    }
  }
  const found = new Set<string>();
  for (const { partitionKey, sortKey, parts } of store.items) {
    const level = Number(partitionKey.split("#")[3]);
    const { tileMs } = viewOf(program, partitionKey);
    for (const [shard, { body }] of parts) {
      const set = decodeBlock(body);
      for (let tile = 0; tile < 12; tile++) {
        const at = findTile(set, tile);
        if (at < 0) continue;
        const id = [partitionKey, shard, startOf(sortKey) + tile * tileMs * 12 ** level].join(" ");
        found.add(id);
        const seen = expected.get(id) ?? [];
        for (const agg of ["count", "sum", "std", "min", "max", "rate", "last", "secondsSinceLast"] as const)
          expectClose(aggregateOf(set.stats, at, agg, 1e12), naiveAggregate(seen, agg, 1e12), `${id} ${agg}`);
      }
    }
  }
  expect([...found].sort()).toEqual([...expected.keys()].sort());
}

function viewOf({ views }: ViewProgram, partitionKey: string) {
  return views.find(({ digest }) => partitionKey.includes(`#${digest}#`))!;
}

const seeds = Array.from({ length: 12 }, (_, i) => i + 1);

describe("view state", () => {
  it.each(seeds)(
    "serves exact features and stores exact tiles on one shard, whatever goes wrong (%i)",
    async (seed) => {
      const random = seeded(seed);
      const keysOf = () => [pick(random, ["a", "b", "c"]), pick(random, ["x", "y"])] as const;
      const events = simulatedEvents(program, { random, shards: ["s"], count: 250, keysOf });
      const maxBytes = seed % 3 === 0 ? 20_000 : undefined;
      const result = await simulate({ program, events, random, mishaps: rough, maxBytes });
      expectServed(events, result, [0, 1, 2]);
      expectStored(events, result);
    },
  );

  it.each(seeds)(
    "on four shards serves exactly what is keyed as the stream is, and stores exact tiles (%i)",
    async (seed) => {
      const random = seeded(1000 + seed);
      const keysOf = (shard: string) =>
        [`${shard}${pick(random, ["a", "b"])}`, pick(random, ["hot", "x"])] as const;
      const shards = ["s1", "s2", "s3", "s4"];
      const events = simulatedEvents(program, { random, shards, count: 250, keysOf });
      const maxBytes = seed % 3 === 0 ? 20_000 : undefined;
      const result = await simulate({ program, events, random, mishaps: rough, maxBytes });
      expectServed(events, result, [0]);
      expectStored(events, result);

      const reads = createViewState({ program, store: result.store, model: "m", nowMs: () => 0 });
      const asks = events.slice(-20).map(({ ask }) => ask);
      const batch = reads.readOnly(result.newestMs);
      await batch.load(asks);
      const values = new Float64Array(program.windows.length);
      for (const ask of asks) {
        batch.read(ask.keys, ask.timeMs, values);
        // Of values at one time that of the greater shard is the last: the order the plain computation is given them in.
        const all = [...events].sort((a, b) => (a.shard < b.shard ? -1 : a.shard > b.shard ? 1 : 0));
        naiveFeatures(program, countedFeeds(program, all), ask).forEach((expected, i) => {
          expectClose(values[i]!, expected, program.windows[i]!.name);
        });
      }
    },
  );

  it("between shards counts what was processed before, as soon as the next invocation", async () => {
    for (const seed of seeds) {
      const random = seeded(2000 + seed);
      const keysOf = () => [pick(random, ["a", "b"]), "hot"] as const;
      const events = simulatedEvents(program, { random, shards: ["s1", "s2", "s3"], count: 150, keysOf });
      const mishaps = { ...smooth, moveEnvironment: 0.3, redeliver: 0.2 };
      const result = await simulate({ program, events, random, mishaps });
      const bySeries = new Map(events.map((event) => [`${event.shard} ${event.mark}`, event]));
      const asProcessed = [...result.served.keys()].map((id) => bySeries.get(id)!);
      expectServed(asProcessed, result, [0, 1, 2]);
    }
  });

  it("serves the same bits however the stream is cut into batches", async () => {
    const run = async (mishaps: Mishaps, seed: number) => {
      const random = seeded(77);
      const keysOf = () => [pick(random, ["a", "b"]), "x"] as const;
      const events = simulatedEvents(program, { random, shards: ["s"], count: 300, keysOf });
      return (await simulate({ program, events, random: seeded(seed), mishaps })).served;
    };
    expect(await run(rough, 5)).toEqual(await run(smooth, 6));
  });
});

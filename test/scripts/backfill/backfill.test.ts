import { beforeAll, describe, expect, it } from "vitest";
import { MemoryExampleStore } from "../../../functions/adapters/memory/memory-example-store.ts";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import type { Example } from "../../../functions/contract/example.ts";
import type { LoadedModel } from "../../../functions/core/inference/loaded-model.ts";
import { type BackfillOptions, backfill } from "../../../scripts/backfill/backfill.ts";
import { readWarmth } from "../../../scripts/backfill/warm-spans.ts";
import { interleavedEvents } from "../../../scripts/flights/interleaved-events.ts";
import { tablePackage } from "../../functions/stream/set-up.ts";
import { flightPackage } from "../../functions/stream/streaming/flight-package.ts";
import { blockParts, differences, examplesByEvent, loadFiles, type PutEvent, runLive } from "./live-stage.ts";

const eventCount = 20_000;
const startMs = Date.UTC(2001, 0, 31);
const hourMs = 3_600_000;
const everything = { fromMs: 0, toMs: Infinity };

let events: PutEvent[];
let model: LoadedModel;

beforeAll(async () => {
  events = [];
  for await (const { event, timeMs } of interleavedEvents({ fromMs: startMs, limit: eventCount })) {
    events.push({ partitionKey: event.origin, data: event, arrivalMs: timeMs });
    if (events.length === eventCount) break;
  }
  model = await loadFiles(flightPackage());
});

describe("backfill", () => {
  it("gives the examples and the tiles of a live run on one shard, feature for feature and bit for bit", async () => {
    const live = await runLive(flightPackage(), events, { shardCount: 1, seed: 1 });
    const { tiles, examples, done } = await run(live, everything);
    expect(done.replayed.events).toBe(eventCount);
    expect(done.passedOver).toBe(0);
    expect(done.examples).toBe(live.metrics.sum("OutcomesJoined"));
    expect(done.examples).toBeGreaterThan(5000);
    expect(differences(examplesByEvent(examples), examplesByEvent(live.examples))).toEqual([]);
    expect(differences(blockParts(tiles), blockParts(live.tiles))).toEqual([]);
    expect(done.tiles).toEqual({ written: blockParts(live.tiles).size, standing: 0, left: 0 });
    // Under ids and keys of their own.
    const lines = [...examples.objects.values()].flat() as Example[];
    expect(new Set(lines.map(({ role }) => role))).toEqual(new Set(["backfill"]));
    const served = new Set(live.store.rows.map(({ predictionId }) => predictionId));
    expect(lines.filter(({ predictionId }) => served.has(predictionId)).length).toBe(0);
    expect([...examples.objects.keys()].filter((key) => live.examples.objects.has(key))).toEqual([]);
    // No clocks are written beside the tiles, only how far they reach.
    const others = tiles.items.filter(({ partitionKey }) => !partitionKey.includes("#view#"));
    const digests = model.program.views.views.map(({ digest }) => digest);
    expect(others.map(({ partitionKey }) => partitionKey)).toEqual(
      digests.map(() => `${model.package.name}#warm`),
    );
    const warmth = await readWarmth(tiles, model.package.name, digests);
    for (const { backfilled } of warmth.values()) {
      expect(backfilled!.fromMs).toBeLessThanOrEqual(0);
      expect(backfilled!.toMs).toBe(newestTimeMs(events));
    }
  });

  it("gives the tiles of a live run on four shards, each in its shard's part", async () => {
    const live = await runLive(flightPackage(), events, { shardCount: 4, seed: 2 });
    const { tiles, done } = await run(live, everything);
    expect(done.shards).toBe(4);
    expect(differences(blockParts(tiles), blockParts(live.tiles))).toEqual([]);
  });

  it("changes nothing when it is run again, and leaves what live events wrote since", async () => {
    const live = await runLive(flightPackage(), events.slice(0, 6000), { shardCount: 2, seed: 3 });
    const ahead = await runLive(flightPackage(), events.slice(0, 6500), { shardCount: 2, seed: 3 });
    const first = await run(live, everything);
    const again = await run(live, everything, { tiles: first.tiles });
    expect(again.done.tiles).toEqual({ written: 0, standing: first.done.tiles.written, left: 0 });
    const before = blockParts(ahead.tiles);
    const over = await run(live, everything, { tiles: ahead.tiles });
    expect(over.done.tiles.left).toBeGreaterThan(0);
    expect(differences(blockParts(ahead.tiles), before)).toEqual([]);
  });

  it("makes examples of the span alone, with the windows of the time before and the outcomes of the time after", async () => {
    const live = await runLive(flightPackage(), events, { shardCount: 1, seed: 4 });
    const span = { fromMs: startMs + 10 * hourMs, toMs: startMs + 13 * hourMs };
    const { examples, tiles } = await run(live, span);
    const wanted = [...examplesByEvent(live.examples)].filter(([, text]) => {
      const timeMs = Date.parse((JSON.parse(text) as Example).eventTime);
      return timeMs >= span.fromMs && timeMs < span.toMs;
    });
    expect(wanted.length).toBeGreaterThan(500);
    expect(differences(examplesByEvent(examples), new Map(wanted))).toEqual([]);
    const standing = blockParts(live.tiles);
    const written = blockParts(tiles);
    expect(written.size).toBeGreaterThan(500);
    expect(written.size).toBeLessThan(standing.size);
    // Of blocks that the span touches the whole is there.
    for (const [key, part] of written)
      if (standing.get(key) !== part) expect(standing.get(key), key).toBe(part);
  });

  it("writes no examples where none are wanted", async () => {
    const live = await runLive(flightPackage(), events.slice(0, 3000), { shardCount: 1, seed: 5 });
    const { done } = await run(live, everything, { examples: undefined });
    expect(done.examples).toBe(0);
    expect(done.tiles.written).toBe(blockParts(live.tiles).size);
  });

  it("refuses a model that keeps nothing, and one whose keys or ids are not in the archive", async () => {
    const live = await runLive(flightPackage(), [], { shardCount: 1, seed: 6 });
    const plain = await loadFiles(tablePackage());
    await expect(run(live, everything, { model: plain })).rejects.toThrow(/neither views nor an outcome/);
    const hidden = { ...model, package: { ...model.package, private: ["flight", "origin"] } };
    await expect(run(live, everything, { model: hidden })).rejects.toThrow(/needs "origin", "flight"/);
  });
});

/** The newest time that any event tells. */
function newestTimeMs(put: readonly PutEvent[]): number {
  const times = put.map(({ data }) => data as { readonly departs?: string; readonly arrives?: string });
  return Math.max(...times.map(({ departs, arrives }) => Date.parse((departs ?? arrives)!)));
}

async function run(
  { data }: Pick<BackfillOptions, "data">,
  span: Pick<BackfillOptions, "fromMs" | "toMs">,
  overrides: Partial<BackfillOptions> & { readonly tiles?: MemoryShardStateStore } = {},
) {
  const examples = new MemoryExampleStore();
  const { tiles = new MemoryShardStateStore() } = overrides;
  const noteDamaged = (message: string) => {
    throw new Error(message);
  };
  const done = await backfill({ model, data, examples, noteDamaged, ...span, ...overrides, tiles });
  return { done, tiles, examples };
}

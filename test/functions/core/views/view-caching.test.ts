import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import { InvariantError } from "../../../../functions/core/errors.ts";
import { markOf } from "../../../../functions/core/state/mark.ts";
import { compileViews } from "../../../../functions/core/views/view-program.ts";
import { createViewState, type ShardClocks } from "../../../../functions/core/views/view-state.ts";

const hourMs = 3_600_000;
const program = compileViews(
  {
    private: [],
    views: { v: { on: {}, key: "k", value: "x", tile: "5m", lateness: "10m" } },
    features: {
      hour: { view: "v", agg: "count", over: "1h" },
      day: { view: "v", agg: "mean", over: "24h", default: -1 },
    },
  },
  createFieldIndex(),
);

function setUp({ maxBytes }: { maxBytes?: number } = {}) {
  const store = new MemoryShardStateStore();
  const wall = { nowMs: 0 };
  const open = () => createViewState({ program, store, model: "m", nowMs: () => wall.nowMs, maxBytes });
  let state = open();
  let sequence = 0;
  let newestMs = Number.NEGATIVE_INFINITY;

  /** One invocation with one event, which asks and feeds. */
  async function invoke(
    key: string,
    timeMs: number,
    options: { isOwner?: boolean; clocks?: ShardClocks; shard?: string } = {},
  ) {
    const { isOwner = sequence > 0, shard = "s" } = options;
    const clocks = options.clocks ?? (sequence === 0 ? new Map() : new Map([[shard, newestMs]]));
    const batch = state.begin({ shard, clocks, isOwner });
    const feed = { view: 0, key, value: 10, hit: false, timeMs };
    await batch.load([{ keys: [key], timeMs }], [feed]);
    const values = new Float64Array(2);
    batch.read([key], timeMs, values);
    const applied = batch.apply(feed, markOf(String(++sequence), 0), newestMs);
    expect(await batch.save(undefined, 1)).toBeUndefined();
    newestMs = Math.max(newestMs, timeMs);
    return { values: [...values], applied, ...batch.traffic };
  }
  return { store, wall, invoke, state: () => state, restart: () => (state = open()) };
}

describe("view caching", () => {
  it("reads a key once and never again while one environment serves the only shard, from block to block", async () => {
    const { invoke, wall } = setUp();
    expect(await invoke("a", 0)).toMatchObject({ queries: 1, itemsRead: 0, itemsWritten: 1 });
    for (let i = 1; i < 80; i++) {
      wall.nowMs += 1000;
      const { values, queries } = await invoke("a", (i * hourMs) / 2);
      expect(queries).toBe(0);
      expect(values).toEqual([1, 10]);
    }
    const other = await invoke("b", 40 * hourMs);
    expect(other).toMatchObject({ queries: 1, itemsRead: 0, values: [Number.NaN, Number.NaN] });
  });

  it("reads all of a day in one range of at most 25 items when it comes anew", async () => {
    const { invoke, restart } = setUp();
    for (let i = 0; i < 60; i++) await invoke("a", i * hourMs);
    restart();
    expect(await invoke("a", 59.5 * hourMs, { isOwner: false })).toMatchObject({ queries: 1, itemsRead: 25 });
  });

  it("reads again what it has had for five minutes, and sees what was written to the past meanwhile", async () => {
    const { invoke, wall, store } = setUp();
    await invoke("a", 30 * hourMs);
    const backfill = createViewState({ program, store, model: "m", nowMs: () => 0 }).begin({
      shard: "old",
      clocks: new Map(),
      isOwner: false,
    });
    const feed = { view: 0, key: "a", value: 40, hit: false, timeMs: 20 * hourMs };
    await backfill.load([], [feed]);
    backfill.apply(feed, markOf("1", 0), 0);
    await backfill.save(undefined, 1);
    wall.nowMs = 300_000;
    expect(await invoke("a", 30 * hourMs)).toMatchObject({ queries: 0, values: [1, 10] });
    wall.nowMs = 300_001;
    expect(await invoke("a", 30 * hourMs)).toMatchObject({ queries: 1, itemsRead: 2, values: [2, 20] });
  });

  it("with other shards reads anew only what they may still change", async () => {
    const { invoke } = setUp();
    for (let i = 0; i < 30; i++) await invoke("a", i * hourMs);
    const clocks = new Map([
      ["s", 29 * hourMs],
      ["t", 25.5 * hourMs],
    ]);
    expect(await invoke("a", 29 * hourMs, { clocks })).toMatchObject({ queries: 1, itemsRead: 25 });
    // Hours up to 25 are final, of which the last ends 10 min of lateness before the older clock.
    expect(await invoke("a", 29 * hourMs, { clocks })).toMatchObject({ queries: 1, itemsRead: 5 });
    expect(await invoke("a", 29 * hourMs, { clocks, isOwner: false })).toMatchObject({
      queries: 1,
      itemsRead: 5,
    });
  });

  it("forgets the keys unused for longest beyond its bound, and reads them again", async () => {
    const { invoke, state } = setUp({ maxBytes: 20_000 });
    for (let i = 0; i < 200; i++) await invoke(`k${i}`, i * 1000);
    // And what the last invocation added.
    expect(state().usedBytes).toBeLessThanOrEqual(20_000 + 1_000);
    expect(state().usedBytes).toBeGreaterThan(10_000);
    expect(await invoke("k199", 200_000)).toMatchObject({ queries: 0, values: [1, 10] });
    expect(await invoke("k0", 200_000)).toMatchObject({ queries: 1, values: [1, 10] });
  });

  it("skips what is late and what is contained already", async () => {
    const { invoke } = setUp();
    await invoke("a", 10 * hourMs);
    expect((await invoke("a", 10 * hourMs - 600_000)).applied).toBe("applied");
    expect((await invoke("a", 10 * hourMs - 600_001)).applied).toBe("late");
    expect((await invoke("a", -1e15)).applied).toBe("late");
  });

  it("explains where each number comes from", async () => {
    const { invoke, store } = setUp();
    for (let i = 0; i < 30; i++) await invoke("a", i * hourMs);
    const reads = createViewState({ program, store, model: "m", nowMs: () => 0 }).readOnly(new Map());
    const timeMs = 29.5 * hourMs;
    await reads.load([{ keys: ["a"], timeMs }]);
    expect(reads.explain(["a"], timeMs)).toEqual([
      {
        ...{ name: "hour", view: "v", key: "a", agg: "count", value: 1, isDefault: false },
        ...{ fromMs: timeMs - hourMs + 300_000, toMs: timeMs + 300_000, tilesMerged: 1, itemsRead: 1 },
      },
      expect.objectContaining({ name: "day", agg: "mean", tilesMerged: 24, itemsRead: 24, value: 10 }),
    ]);
    await reads.load([{ keys: ["nobody"], timeMs }]);
    expect(reads.explain(["nobody"], timeMs)).toMatchObject([
      { value: 0, isDefault: true, itemsRead: 0 },
      { value: -1, isDefault: true, itemsRead: 0 },
    ]);
  });

  it("refuses to guess about what was not loaded", async () => {
    const { invoke, state } = setUp();
    await invoke("a", 0);
    const batch = state().begin({ shard: "s", clocks: new Map([["s", 0]]), isOwner: true });
    expect(() => batch.read(["a"], 0, new Float64Array(2))).toThrow(InvariantError);
    expect(() => batch.apply({ view: 0, key: "b", value: 1, hit: false, timeMs: 0 }, "9", 0)).toThrow(
      /not loaded/,
    );
  });

  it("says which item is damaged", async () => {
    const { state, store } = setUp();
    const partitionKey = `m#view#${program.views[0]!.digest}#0#a`;
    await store.write([
      {
        ...{ partitionKey, sortKey: "0000000000000", shard: "s", expected: undefined, expiresAt: 1 },
        part: { mark: "1", body: Uint8Array.of(9) },
      },
    ]);
    const batch = state().begin({ shard: "s", clocks: new Map(), isOwner: false });
    for (let again = 0; again < 2; again++)
      await expect(batch.load([{ keys: ["a"], timeMs: 0 }])).rejects.toThrow(
        /^tiles of "m#view#.*#0#a" at 0000000000000, shard s: .*got version 9, expected version 1/,
      );
  });
});

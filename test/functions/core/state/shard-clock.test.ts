import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { markOf } from "../../../../functions/core/state/mark.ts";
import { openShardClock, readClocks } from "../../../../functions/core/state/shard-clock.ts";

const hourMs = 3_600_000;
const arrivalMs = Date.parse("2026-01-02T16:00:00Z");
const expiresAt = 1_800_000_000;
const mark = (sequence: number) => markOf(String(sequence), 0);
const orphan = async () => [];

async function open(
  store: MemoryShardStateStore,
  shard: string,
  parentsOf: (shard: string) => Promise<readonly string[]> = orphan,
) {
  return await openShardClock({
    clocks: await readClocks(store, "m"),
    model: "m",
    shard,
    aheadMs: hourMs,
    parentsOf,
  });
}

/** Let a shard see events of these times, and keep its clock. */
async function advance(store: MemoryShardStateStore, shard: string, ...timesMs: readonly number[]) {
  const clock = await open(store, shard);
  for (const timeMs of timesMs) clock.admit(timeMs, arrivalMs);
  expect(await clock.save(store, mark(1), clock.snapshot(), expiresAt)).toBe(true);
}

describe("a shard's clock", () => {
  it("knows nothing before the first event", async () => {
    const clock = await open(new MemoryShardStateStore(), "a");
    expect(clock.progress).toBeUndefined();
    expect(clock.newestMs).toBeUndefined();
    expect(clock.admit(5, arrivalMs)).toBe(true);
    expect(clock.newestMs).toBe(5);
  });

  it("is found as it was saved: progress, newest time, and events ahead that were counted", async () => {
    const store = new MemoryShardStateStore();
    const first = await open(store, "a");
    first.admit(5, arrivalMs);
    for (let i = 0; i < 9; i++) expect(first.admit(9 * hourMs, arrivalMs)).toBe(false);
    expect(await first.save(store, mark(7), first.snapshot(), expiresAt)).toBe(true);
    expect(first.progress).toBe(mark(7));

    const second = await open(store, "a");
    expect(second.progress).toBe(mark(7));
    expect(second.newestMs).toBe(5);
    expect(second.admit(9 * hourMs, arrivalMs)).toBe(true);
  });

  it("keeps what stood when the snapshot was taken", async () => {
    const store = new MemoryShardStateStore();
    const clock = await open(store, "a");
    clock.admit(5, arrivalMs);
    const snapshot = clock.snapshot();
    clock.admit(6, arrivalMs);
    await clock.save(store, mark(1), snapshot, expiresAt);
    expect((await open(store, "a")).newestMs).toBe(5);
  });

  it("keeps progress where no event had a time", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "a");
    const clock = await open(store, "a");
    expect(clock.progress).toBe(mark(1));
    expect(clock.newestMs).toBeUndefined();
  });

  it("saves on top of what it saved itself, and nothing that is not beyond it", async () => {
    const store = new MemoryShardStateStore();
    const clock = await open(store, "a");
    clock.admit(5, arrivalMs);
    expect(await clock.save(store, mark(3), clock.snapshot(), expiresAt)).toBe(true);
    clock.admit(6, arrivalMs);
    expect(await clock.save(store, mark(2), clock.snapshot(), expiresAt)).toBe(true);
    expect((await open(store, "a")).newestMs).toBe(5);
    expect(await clock.save(store, mark(4), clock.snapshot(), expiresAt)).toBe(true);
    expect((await open(store, "a")).newestMs).toBe(6);
  });

  it("is not saved where another writer of the shard was", async () => {
    const store = new MemoryShardStateStore();
    const [one, other] = [await open(store, "a"), await open(store, "a")];
    one.admit(5, arrivalMs);
    other.admit(6, arrivalMs);
    expect(await one.save(store, mark(1), one.snapshot(), expiresAt)).toBe(true);
    expect(await other.save(store, mark(2), other.snapshot(), expiresAt)).toBe(false);
    expect(other.progress).toBeUndefined();
    expect((await open(store, "a")).newestMs).toBe(5);
  });

  it("stands by shard and by model, in an item of its own that expires as it is told", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "shardId-000000000000", 5);
    await advance(store, "shardId-000000000001", 6);
    expect(
      store.items.map(({ partitionKey, sortKey, expiresAt: at }) => [partitionKey, sortKey, at]),
    ).toEqual([
      ["m#clock", "shardId-000000000000", expiresAt],
      ["m#clock", "shardId-000000000001", expiresAt],
    ]);
    expect(await readClocks(store, "other")).toEqual(new Map());
    const clocks = await readClocks(store, "m");
    expect(clocks.get("shardId-000000000001")).toEqual({
      mark: mark(1),
      newestMs: 6,
      arrivalMs,
      ahead: undefined,
      follows: [],
    });
  });

  it("says which clock is no JSON", async () => {
    const store = new MemoryShardStateStore();
    const part = { mark: "9", body: Uint8Array.of(123) };
    await store.write([
      { partitionKey: "m#clock", sortKey: "a", shard: "a", expected: undefined, part, expiresAt },
    ]);
    await expect(readClocks(store, "m")).rejects.toMatchObject({ name: "InvariantError" });
  });
});

describe("the clock of a shard that was split or merged from others", () => {
  /** left and right are merged from c and d; c is split from a. */
  const lineage = (shard: string) =>
    Promise.resolve({ merged: ["c", "d"], c: ["a"], d: ["b"] }[shard] ?? ([] as readonly string[]));

  it("goes on from its parent, with no progress of its own", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "a", 5 * hourMs);
    const clock = await open(store, "c", lineage);
    expect(clock.newestMs).toBe(5 * hourMs);
    expect(clock.progress).toBeUndefined();
    expect(clock.admit(8 * hourMs, arrivalMs)).toBe(false);
    // The parent's newest event arrived two hours ago.
    expect(clock.admit(8 * hourMs, arrivalMs + 2 * hourMs)).toBe(true);
  });

  it("says whose end it goes on from, as long as it is kept", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "a", 5);
    await advance(store, "d", 6);
    const first = await open(store, "merged", lineage);
    await first.save(store, mark(1), first.snapshot(), expiresAt);
    const second = await open(store, "merged");
    await second.save(store, mark(2), second.snapshot(), expiresAt);
    const clocks = await readClocks(store, "m");
    expect([...clocks.get("merged")!.follows].sort()).toEqual(["a", "d"]);
    expect(clocks.get("a")!.follows).toEqual([]);
  });

  it("goes on from the newest of its parents, whichever that is", async () => {
    for (const [c, d] of [
      [5, 7],
      [7, 5],
    ] as const) {
      const store = new MemoryShardStateStore();
      await advance(store, "c", c);
      await advance(store, "d", d);
      expect((await open(store, "merged", lineage)).newestMs).toBe(7);
    }
  });

  it("goes on from a grandparent where a parent has none", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "a", 9);
    await advance(store, "d", 7);
    expect((await open(store, "merged", lineage)).newestMs).toBe(9);
  });

  it("does not look behind a parent that has one", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "a", 9);
    await advance(store, "c", 5);
    expect((await open(store, "merged", lineage)).newestMs).toBe(5);
  });

  it("starts anew where none of its line has one, and does not ask where it has one or nobody has", async () => {
    const store = new MemoryShardStateStore();
    const asked: string[] = [];
    const ask = (shard: string) => {
      asked.push(shard);
      return lineage(shard);
    };
    expect((await open(store, "merged", ask)).newestMs).toBeUndefined();
    await advance(store, "other", 9);
    await advance(store, "c", 5);
    await open(store, "c", ask);
    expect(asked).toEqual([]);
    expect((await open(store, "d", ask)).newestMs).toBeUndefined();
    expect(asked).toEqual(["d", "b"]);
  });

  it("does not begin to count events ahead where its parent left off", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "a", 5, ...Array.from({ length: 9 }, () => 50 * hourMs));
    expect((await open(store, "c", lineage)).admit(50 * hourMs, arrivalMs)).toBe(false);
  });

  it("throws when its parents cannot be asked", async () => {
    const store = new MemoryShardStateStore();
    await advance(store, "a", 5);
    const failing = () => Promise.reject(new Error("down"));
    await expect(open(store, "c", failing)).rejects.toThrow("down");
  });
});

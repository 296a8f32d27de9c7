import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../../functions/adapters/memory/memory-shard-state-store.ts";
import {
  type CountedPair,
  type PairSegment,
  readPairs,
  savePairs,
} from "../../../../../functions/core/rollout/verdict/pair-store.ts";
import { markOf } from "../../../../../functions/core/state/mark.ts";
import type { ShardStateStore } from "../../../../../functions/core/state/shard-state-store.ts";

const champion = "a".repeat(64);
const other = "b".repeat(64);
const hours = ["2001-01-31T06", "2001-01-31T07", "2001-02-01T00"];
const span = { fromMs: Date.UTC(2001, 0, 31, 6, 59), toMs: Date.UTC(2001, 1, 1, 0, 1) };

function pair(position: number, parts: Partial<CountedPair> = {}): CountedPair {
  return {
    ...{ hour: hours[0]!, champion, other, role: "challenger", segment: undefined },
    mark: markOf(String(position), 0),
    losses: { champion: { loss: 0.5, logLoss: 1 }, other: { loss: 0.25, logLoss: 2 } },
    ...parts,
  };
}

const save = (store: ShardStateStore, pairs: readonly CountedPair[], shard = "shard-0") =>
  savePairs({ store, model: "m", shard, pairs, expiresAt: 2_000_000_000 });

const countsIn = async (store: ShardStateStore) =>
  (await readPairs(store, "m", span)).map(({ hour, partial }) => [hour, partial.count]);

describe("saved pairs", () => {
  it("are read by the hours of a span, over all shards", async () => {
    const store = new MemoryShardStateStore();
    await save(store, [pair(1), pair(2), pair(3, { hour: hours[2]! })]);
    await save(
      store,
      [pair(1), pair(2, { hour: "2001-01-31T05" }), pair(3, { hour: "2001-02-01T01" })],
      "shard-1",
    );
    expect(await readPairs(store, "m", span)).toEqual([
      {
        ...{ hour: hours[0], champion, other, role: "challenger", segment: undefined },
        partial: {
          ...{ count: 3, differenceSum: -0.75, differenceSquaredSum: 0.1875 },
          ...{ championLossSum: 1.5, otherLossSum: 0.75, championLogLossSum: 3, otherLogLossSum: 6 },
        },
      },
      expect.objectContaining({ hour: hours[2], partial: expect.objectContaining({ count: 1 }) }),
    ]);
    expect(await readPairs(store, "other", span)).toEqual([]);
  });

  it("are kept apart by versions, role and segment, whatever a value is", async () => {
    const store = new MemoryShardStateStore();
    const values = ["", "a#b#c", "null", null, "空港", '"', "\\", "x".repeat(512)];
    const segments: (PairSegment | undefined)[] = [
      undefined,
      ...values.map((value) => ({ name: "hub", value })),
      { name: "place", value: null },
    ];
    await save(
      store,
      segments.map((segment, i) => pair(i, { segment })),
    );
    await save(store, [pair(100, { role: "shadow" }), pair(101, { champion: other, other: champion })]);
    const stored = await readPairs(store, "m", span);
    expect(stored).toHaveLength(segments.length + 2);
    const ofChallenger = stored.filter((each) => each.role === "challenger" && each.champion === champion);
    const short = ({ value }: PairSegment) => value === null || value.length < 512;
    expect(ofChallenger.map(({ segment }) => segment)).toEqual(
      expect.arrayContaining(segments.filter((each) => each === undefined || short(each))),
    );
  });

  it("stand under keys that the table takes, however long a value is", async () => {
    const store = new MemoryShardStateStore();
    const values = ["x".repeat(5_000), `${"x".repeat(4_999)}y`, "\u0001".repeat(256), "空".repeat(300)];
    const name = "n".repeat(63);
    await save(
      store,
      values.map((value, i) => pair(i, { segment: { name, value } })),
    );
    expect(store.items).toHaveLength(values.length);
    for (const { sortKey } of store.items) expect(Buffer.byteLength(sortKey)).toBeLessThanOrEqual(1024);
  });

  it("leave the lowest mark of those that could not be written", async () => {
    const store = new MemoryShardStateStore();
    const refusing: ShardStateStore = {
      read: (ranges) => store.read(ranges),
      write: async (writes) => {
        await store.write(writes.slice(0, 1));
        return writes.slice(1).map((_, i) => ({ index: i + 1, reason: "unavailable" as const }));
      },
    };
    const pairs = [pair(1), pair(3, { hour: hours[2]! }), pair(2, { hour: hours[1]! })];
    expect(await save(refusing, pairs)).toBe(pairs[2]!.mark);
    expect(await save(store, pairs)).toBeUndefined();
    expect(await countsIn(store)).toEqual(hours.map((hour) => [hour, 1]));
  });

  it("are counted once each, in whatever parts and however often they come", async () => {
    const position = fc.record({
      hour: fc.constantFrom(...hours),
      role: fc.constantFrom("challenger", "shadow"),
    });
    const deliveries = fc.array(fc.tuple(fc.nat(12), fc.nat(12), fc.array(fc.nat(3), { maxLength: 2 })), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(position, { minLength: 1, maxLength: 12 }),
        deliveries,
        async (stream, troubles) => {
          const store = new MemoryShardStateStore();
          const pairs = stream.map((parts, i) => pair(i, parts));
          let done = 0;
          for (const [length, again, failing] of [...troubles, [stream.length, stream.length, []] as const]) {
            // A delivery goes on from what is done, or from before it.
            const from = Math.max(0, done - again);
            const given = pairs.slice(from, Math.max(from, done) + length);
            const left = await save(failingWrites(failing, store), given);
            done = Math.max(
              done,
              left === undefined ? from + given.length : pairs.findIndex(({ mark }) => mark === left),
            );
          }
          const counts = (await readPairs(store, "m", span)).map(
            ({ hour, role, partial }) => [`${hour} ${role}`, partial.count] as const,
          );
          expect(Object.fromEntries(counts)).toEqual(
            Object.fromEntries(
              [...Map.groupBy(stream, ({ hour, role }) => `${hour} ${role}`)].map(([key, all]) => [
                key,
                all.length,
              ]),
            ),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

function failingWrites(positions: readonly number[], store: ShardStateStore): ShardStateStore {
  return {
    read: (ranges) => store.read(ranges),
    write: async (writes) => {
      await store.write(writes.filter((_, i) => !positions.includes(i)));
      return writes.flatMap((_, index) =>
        positions.includes(index) ? [{ index, reason: "unavailable" as const }] : [],
      );
    },
  };
}

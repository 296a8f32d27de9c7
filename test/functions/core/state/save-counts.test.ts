import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { saveCounts } from "../../../../functions/core/state/save-counts.ts";
import type { ShardStateStore } from "../../../../functions/core/state/shard-state-store.ts";

interface Item {
  readonly mark: string;
  readonly key: string;
}

const itemAt = (i: number): Item => ({ mark: String(i).padStart(4, "0"), key: `k${i % 3}` });

/** Parts hold a number in text. */
function save(store: ShardStateStore, items: readonly Item[], shard = "s") {
  return saveCounts({
    ...{ store, items, shard, partitionKey: "p", expiresAt: 1 },
    sortKeyOf: ({ key }) => key,
    countIn: (standing, fresh) =>
      Buffer.from(
        String(Number(standing === undefined ? 0 : Buffer.from(standing).toString()) + fresh.length),
      ),
  });
}

async function countsOf(store: ShardStateStore): Promise<Record<string, number>> {
  const [items] = await store.read([{ partitionKey: "p", from: "k", to: "l" }]);
  return Object.fromEntries(
    items!.map(({ sortKey, parts }) => [
      sortKey,
      [...parts.values()].reduce((sum, { body }) => sum + Number(Buffer.from(body).toString()), 0),
    ]),
  );
}

describe("saveCounts", () => {
  it("counts each item once, however often and from wherever it is delivered again", async () => {
    const deliveries = fc.array(fc.nat({ max: 29 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(deliveries, async (starts) => {
        const store = new MemoryShardStateStore();
        for (const from of [0, ...starts, 0]) {
          const items = Array.from({ length: 30 - from }, (_, i) => itemAt(from + i));
          expect(await save(store, items)).toBeUndefined();
        }
        expect(await countsOf(store)).toEqual({ k0: 10, k1: 10, k2: 10 });
      }),
      { numRuns: 30 },
    );
  });

  it("says from which mark on something is not counted, and counts it when it comes again", async () => {
    const store = new MemoryShardStateStore();
    const failing: ShardStateStore = {
      read: (ranges) => store.read(ranges),
      async write(writes) {
        const index = writes.findIndex(({ sortKey }) => sortKey === "k1");
        await store.write(writes.filter((_, i) => i !== index));
        return [{ index, reason: "unavailable" }];
      },
    };
    const items = [0, 1, 2, 3].map(itemAt);
    expect(await save(failing, items)).toBe("0001");
    expect(await countsOf(store)).toEqual({ k0: 2, k2: 1 });
    expect(await save(store, items)).toBeUndefined();
    expect(await countsOf(store)).toEqual({ k0: 2, k1: 1, k2: 1 });
  });

  it("keeps the shards apart", async () => {
    const store = new MemoryShardStateStore();
    await save(store, [itemAt(0)], "one");
    await save(store, [itemAt(0)], "two");
    expect(await countsOf(store)).toEqual({ k0: 2 });
  });
});

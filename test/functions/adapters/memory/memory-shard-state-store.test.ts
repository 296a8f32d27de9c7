import { expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { bytes, describeShardStateStore, mark, stateWrite } from "../contracts/shard-state-store.ts";

describeShardStateStore("MemoryShardStateStore", async () => {
  const store = new MemoryShardStateStore();
  return {
    store,
    expiresAt: async (partitionKey, sortKey) =>
      store.items.find((item) => item.partitionKey === partitionKey && item.sortKey === sortKey)?.expiresAt,
  };
});

it("shows every item", async () => {
  const store = new MemoryShardStateStore();
  await store.write([stateWrite({ sortKey: "b" }), stateWrite({ sortKey: "a", expiresAt: 5 })]);
  const parts = new Map([["a", { mark: mark(1), body: bytes(1) }]]);
  expect(store.items).toEqual([
    { partitionKey: "p", sortKey: "a", parts, expiresAt: 5 },
    { partitionKey: "p", sortKey: "b", parts, expiresAt: 1_800_000_000 },
  ]);
});

it("forgets what has expired, and nothing else", async () => {
  const store = new MemoryShardStateStore();
  await store.write([
    stateWrite({ sortKey: "a", expiresAt: 5 }),
    stateWrite({ sortKey: "b", expiresAt: 6 }),
    stateWrite({ partitionKey: "q", sortKey: "a", expiresAt: 5 }),
  ]);
  store.forget(6);
  expect(store.items.map(({ partitionKey, sortKey }) => [partitionKey, sortKey])).toEqual([["p", "b"]]);
  expect(await store.read([{ partitionKey: "p", from: "a", to: "a" }])).toEqual([[]]);
  // As if it had never been there.
  expect(await store.write([stateWrite({ sortKey: "a", expiresAt: 9 })])).toEqual([]);
  expect(store.items.map(({ sortKey }) => sortKey)).toEqual(["a", "b"]);
});

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

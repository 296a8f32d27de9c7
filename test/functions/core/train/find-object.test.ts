import { expect, it } from "vitest";
import { MemoryObjectStore } from "../../../../functions/adapters/memory/memory-object-store.ts";
import { findObject } from "../../../../functions/core/train/find-object.ts";

it("finds an object by its whole key, and asks for none that is not there", async () => {
  const store = new MemoryObjectStore();
  await store.put("a/manifest.json.old", Uint8Array.of(1));
  const asked: string[] = [];
  const reader = {
    list: (prefix: string) => store.list(prefix),
    async get(key: string) {
      asked.push(key);
      return await store.get(key);
    },
  };
  expect(await findObject(reader, "a/manifest.json")).toBeUndefined();
  expect(asked).toEqual([]);
  await store.put("a/manifest.json", Uint8Array.of(2));
  expect([...(await findObject(reader, "a/manifest.json"))!]).toEqual([2]);
});

import { expect, it } from "vitest";
import { LruResultCache } from "../../../../functions/adapters/lru/lru-result-cache.ts";

it("gives back what was set, and undefined for what was not", () => {
  const cache = new LruResultCache(10_000);
  cache.set("a", "1");
  expect(cache.get("a")).toBe("1");
  expect(cache.get("b")).toBeUndefined();
});

it("stays within its bytes by letting the least recently used go", () => {
  const memoryBytes = 100 * 1_000;
  const cache = new LruResultCache(memoryBytes);
  const key = (i: number) => String(i).padStart(100, "k");
  for (let i = 0; i < 1_000; i++) {
    cache.set(key(i), "v".repeat(240));
    cache.get(key(0));
    expect(cache.usedBytes).toBeLessThanOrEqual(memoryBytes);
  }
  // 100 bytes of key, 240 of value and 160 for the entry.
  expect(cache.entryCount).toBe(200);
  expect(cache.get(key(0))).toBeDefined();
  expect(cache.get(key(1))).toBeUndefined();
  expect(cache.get(key(999))).toBeDefined();
});

it("does not keep what alone is larger than the cache, nor loses the others by it", () => {
  const cache = new LruResultCache(1_000);
  cache.set("a", "1");
  cache.set("b", "x".repeat(1_000));
  expect(cache.get("b")).toBeUndefined();
  expect(cache.get("a")).toBe("1");
});

it("keeps nothing when it is switched off", () => {
  const cache = new LruResultCache(0);
  cache.set("a", "1");
  expect(cache.get("a")).toBeUndefined();
  expect(cache.usedBytes).toBe(0);
});

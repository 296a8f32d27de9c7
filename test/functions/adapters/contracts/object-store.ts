import { describe, expect, it } from "vitest";
import type { ObjectStore } from "../../../../functions/core/train/examples/object-reader.ts";

/** What every `ObjectStore` does. @param make - an empty one, for one test. */
export function describeObjectStore(name: string, make: () => Promise<ObjectStore>): void {
  describe(`${name} as an object store`, () => {
    it("has nothing at first", async () => {
      const store = await make();
      expect(await store.get("a")).toBeUndefined();
      expect(await listed(store, "")).toEqual([]);
    });

    it("gives back the bytes that were put, the newest of a key, and none too", async () => {
      const store = await make();
      await store.put("a", Uint8Array.of(1), "application/octet-stream");
      await store.put("a", Uint8Array.of(0, 255, 7), "application/octet-stream");
      await store.put("empty", new Uint8Array(0), "application/octet-stream");
      expect([...(await store.get("a"))!]).toEqual([0, 255, 7]);
      expect((await store.get("empty"))?.byteLength).toBe(0);
    });

    it("lists the keys under a prefix in ascending order", async () => {
      const store = await make();
      for (const key of ["p/b", "p/a/2", "p/a/10", "p/9", "p/10", "p", "q/x"])
        await store.put(key, Uint8Array.of(1), "text/plain");
      expect(await listed(store, "p/")).toEqual(["p/10", "p/9", "p/a/10", "p/a/2", "p/b"]);
      expect(await listed(store, "p/a")).toEqual(["p/a/10", "p/a/2"]);
    });

    it("takes keys of whatever characters", async () => {
      const store = await make();
      const keys = ["p/a b+c%20", "p/<&>\"'", "p/ä–“7”", "p/&amp;"];
      for (const key of keys) await store.put(key, Buffer.from(key), "text/plain");
      // The embedded S3 orders such keys by its locale, AWS by their bytes.
      expect((await listed(store, "p/")).sort()).toEqual(keys.toSorted());
      for (const key of keys) expect(Buffer.from((await store.get(key))!).toString()).toBe(key);
      expect(await listed(store, "p/ä")).toEqual(["p/ä–“7”"]);
    });
  });
}

export async function listed(store: Pick<ObjectStore, "list">, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys;
}

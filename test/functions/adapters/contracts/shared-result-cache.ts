import { describe, expect, it } from "vitest";
import type { SharedResultCache } from "../../../../functions/core/cache/shared-result-cache.ts";

export interface SharedResultCacheUnderTest {
  /** What is written stands 60 s. */
  readonly cache: SharedResultCache;
  /** Let time pass. */
  advance(ms: number): void;
}

/** What every `SharedResultCache` does. @param make - an empty one, for one test. */
export function describeSharedResultCache(
  name: string,
  make: () => Promise<SharedResultCacheUnderTest>,
): void {
  describe(`${name} as a shared result cache`, () => {
    it("finds nothing where nothing was written, and takes no keys and no entries", async () => {
      const { cache } = await make();
      expect(await cache.get(["m#a"])).toEqual({ found: new Map(), failed: false });
      expect(await cache.get([])).toEqual({ found: new Map(), failed: false });
      expect(await cache.set(new Map())).toBe(true);
    });

    it("gives back what was written to the letter, more of it than one request holds, whatever else is asked for", async () => {
      const { cache } = await make();
      const entries = new Map(Array.from({ length: 230 }, (_, i) => [`m#${i}`, `{"y":"飛 ${i}"}`]));
      expect(await cache.set(entries)).toBe(true);
      const keys = [...entries.keys()];
      const got = await cache.get(["m#none", ...keys, "m#7", "m#none"]);
      expect(got).toEqual({ found: entries, failed: false });
    });

    it("writes over what stands", async () => {
      const { cache } = await make();
      await cache.set(new Map([["m#a", "1"]]));
      await cache.set(new Map([["m#a", "2"]]));
      expect((await cache.get(["m#a"])).found).toEqual(new Map([["m#a", "2"]]));
    });

    it("does not give out what has expired", async () => {
      const { cache, advance } = await make();
      await cache.set(new Map([["m#a", "1"]]));
      advance(58_000);
      await cache.set(new Map([["m#b", "2"]]));
      expect((await cache.get(["m#a", "m#b"])).found.size).toBe(2);
      advance(4_000);
      expect((await cache.get(["m#a", "m#b"])).found).toEqual(new Map([["m#b", "2"]]));
    });
  });
}

import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import type { LayoutStore } from "../../../../functions/core/outcome/layout-store.ts";
import type { StoredLayout } from "../../../../functions/core/outcome/stored-layout.ts";

export interface LayoutStoreUnderTest {
  readonly store: LayoutStore;
  /** Put something else in a layout's place. */
  damage(key: string, content: Uint8Array): Promise<void>;
}

const digests = ["a", "b"].map((letter) => letter.repeat(64) as ModelDigest) as [ModelDigest, ModelDigest];

/** What every `LayoutStore` does. @param make - an empty one, for one test. */
export function describeLayoutStore(name: string, make: () => Promise<LayoutStoreUnderTest>): void {
  describe(`${name} as a layout store`, () => {
    it("reads what was written, by model and version", async () => {
      const { store } = await make();
      await store.write("m", digests[0], layoutOf(1));
      await store.write("m", digests[1], layoutOf(2));
      await store.write("n", digests[0], layoutOf(3));
      expect(await store.read("m", digests[0])).toEqual(layoutOf(1));
      expect(await store.read("m", digests[1])).toEqual(layoutOf(2));
      expect(await store.read("n", digests[0])).toEqual(layoutOf(3));
    });

    it("reads nothing of a version that has none", async () => {
      const { store } = await make();
      expect(await store.read("m", digests[0])).toBeUndefined();
    });

    it("refuses what is no layout", async () => {
      const { store, damage } = await make();
      await damage(`models/m/${digests[0]}/layout.json`, Buffer.from("{"));
      await expect(store.read("m", digests[0])).rejects.toMatchObject({ code: "model.package" });
    });
  });
}

function layoutOf(width: number): StoredLayout {
  return {
    schemaVersion: 1,
    inputs: [{ type: "float32", width }],
    features: [{ name: "a", input: 0, column: 0, width }],
  };
}

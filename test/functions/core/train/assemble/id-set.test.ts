import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIdSet } from "../../../../../functions/core/train/assemble/id-set.ts";

describe("createIdSet", () => {
  it("knows what it was given, as a set of texts does, however it has grown", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), (texts) => {
        const [ids, set] = [createIdSet(), new Set<string>()];
        for (const text of texts) {
          expect(ids.add(text)).toBe(!set.has(text));
          set.add(text);
          expect(ids.size).toBe(set.size);
        }
      }),
    );
    const many = createIdSet();
    for (let i = 0; i < 20_000; i++) many.add(`id-${i % 15_000}`);
    expect([many.size, many.add("id-14999"), many.add("id-15000")]).toEqual([15_000, false, true]);
  });
});

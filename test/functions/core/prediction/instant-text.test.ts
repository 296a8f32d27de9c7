import fc from "fast-check";
import { expect, it } from "vitest";
import { createInstantWriter } from "../../../../functions/core/prediction/instant-text.ts";

it("writes every instant as Date does, whatever it wrote before", () => {
  const write = createInstantWriter();
  const near = fc.nat(200_000).map((offset) => 1_767_225_600_000 - 100_000 + offset);
  const any = fc.integer({ min: -8.64e15, max: 8.64e15 });
  fc.assert(
    fc.property(fc.oneof(near, any), (ms) => {
      expect(write(ms)).toBe(new Date(ms).toISOString());
    }),
    { numRuns: 2_000 },
  );
  for (const ms of [8.64e15, -8.64e15, -1, 0, 59_999, 60_000]) {
    expect(write(ms)).toBe(new Date(ms).toISOString());
  }
});

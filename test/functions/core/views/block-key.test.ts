import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partitionKeyOf, sortKeyOf, startOf } from "../../../../functions/core/views/block-key.ts";

const seconds = fc.integer({ min: -9e12, max: 9e12 });

describe("block key", () => {
  it("orders blocks by time as text, before 1970 too, and gives the time back", () => {
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        expect(sortKeyOf(a * 1000) < sortKeyOf(b * 1000)).toBe(a < b);
        expect(startOf(sortKeyOf(a * 1000))).toBe(a * 1000);
      }),
    );
  });

  it.each([
    [0, "0000000000000"],
    [980_902_800_000, "0000980902800"],
    [-1000, "-9999999999999"],
  ])("writes %i ms as %s", (startMs, text) => {
    expect(sortKeyOf(startMs)).toBe(text);
  });

  it("names model, view, level and key", () => {
    expect(
      partitionKeyOf({ model: "flight-delay", digest: "0123456789abcdef", level: 1, key: "ORD#1" }),
    ).toBe("flight-delay#view#0123456789abcdef#1#ORD#1");
  });
});

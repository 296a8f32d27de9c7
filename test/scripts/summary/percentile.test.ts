import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { percentiles } from "../../../scripts/summary/percentile.ts";

describe("percentiles", () => {
  it("of 1 to 100 are the numbers themselves, whatever their order", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(percentiles(values, [0.01, 0.07, 0.5, 0.95, 0.99, 1])).toEqual([1, 7, 50, 95, 99, 100]);
  });

  it("sorts as numbers and gives undefined for nothing", () => {
    expect(percentiles([10, 9, 100], [0.5])).toEqual([10]);
    expect(percentiles([], [0.5, 0.99])).toEqual([undefined, undefined]);
  });

  it("has at least its share of the values at or below it, and less than that strictly below", () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (some, percent) => {
        const [value] = percentiles(some, [percent / 100]);
        const atOrBelow = some.filter((each) => each <= value!).length;
        const below = some.filter((each) => each < value!).length;
        expect(atOrBelow * 100).toBeGreaterThanOrEqual(percent * some.length);
        expect(below * 100).toBeLessThan(percent * some.length);
      }),
    );
  });
});

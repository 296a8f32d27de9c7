import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bounded,
  coarsened,
  emptyHistogram,
  type Histogram,
  histogramOf,
  invalidKey,
  keyOf,
  mergeHistograms,
  quantileOf,
  totalOf,
  valueOfKey,
} from "../../../../functions/core/monitor/histogram.ts";

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
/** Values that share buckets, and values of any magnitude. */
const values = fc.array(fc.oneof(float, fc.integer({ min: -40, max: 40 })), { maxLength: 200 });

function histogramOfValues(all: readonly number[]): Histogram {
  const counts = new Map<number, number>();
  for (const value of all) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1);
  return histogramOf(counts);
}

describe("the buckets of a histogram", () => {
  it("stand for their values within a thirty-second", () => {
    fc.assert(
      fc.property(float, (value) => {
        fc.pre(Math.abs(value) >= 2 ** -126);
        expect(Math.abs(valueOfKey(keyOf(value)) - value)).toBeLessThanOrEqual(Math.abs(value) / 32);
      }),
    );
  });

  it("tell whole numbers up to 32 apart, and stand for them exactly", () => {
    for (let value = -32; value <= 32; value++) expect(valueOfKey(keyOf(value))).toBe(value);
    expect(new Set(Array.from({ length: 65 }, (_, i) => keyOf(i - 32))).size).toBe(65);
  });

  it("ascend with the values", () => {
    fc.assert(
      fc.property(float, float, (a, b) => {
        if (a < b) expect(keyOf(a)).toBeLessThanOrEqual(keyOf(b));
        if (keyOf(a) < keyOf(b)) expect(valueOfKey(keyOf(a))).toBeLessThan(valueOfKey(keyOf(b)));
      }),
    );
  });

  it("hold both zeros together, and what is no number nowhere", () => {
    expect(keyOf(-0) === keyOf(0)).toBe(true);
    expect(valueOfKey(keyOf(-0))).toBe(0);
    for (const each of [Number.NaN, Infinity, -Infinity]) expect(keyOf(each)).toBe(invalidKey);
  });

  it("take numbers that only a double holds as the largest float", () => {
    expect(keyOf(1e300)).toBe(keyOf(3.4028234663852886e38));
    expect(keyOf(-1e300)).toBe(keyOf(-3.4028234663852886e38));
    expect(keyOf(Number.MIN_VALUE)).toBe(0);
  });
});

describe("a histogram", () => {
  it("merged from parts is the one counted together", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(mergeHistograms(histogramOfValues(a), histogramOfValues(b))).toEqual(
          histogramOfValues([...a, ...b]),
        );
      }),
    );
  });

  it("is the same whether it is bounded before or after merging, in any order", () => {
    const size = fc.integer({ min: 3, max: 20 });
    fc.assert(
      fc.property(values, values, values, size, (a, b, c, max) => {
        const [x, y, z] = [a, b, c].map((each) => bounded(histogramOfValues(each), max));
        const together = bounded(histogramOfValues([...a, ...b, ...c]), max);
        expect(bounded(mergeHistograms(bounded(mergeHistograms(x!, y!), max), z!), max)).toEqual(together);
        expect(bounded(mergeHistograms(x!, mergeHistograms(z!, y!)), max)).toEqual(together);
        expect(together.keys.length).toBeLessThanOrEqual(max);
      }),
    );
  });

  it("keeps its total when it is made coarser, down to one bucket", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 12 }), (all, level) => {
        const coarse = coarsened(histogramOfValues(all), level);
        expect(totalOf(coarse)).toBe(all.length);
        expect([...coarse.keys].sort((a, b) => a - b)).toEqual(coarse.keys);
      }),
    );
    expect(coarsened(histogramOfValues([-1e30, 0, 1e-30, 5]), 12).keys).toEqual([0]);
  });

  it("stands for values between a coarse bucket's edges", () => {
    fc.assert(
      fc.property(float, fc.integer({ min: 0, max: 4 }), (value, level) => {
        fc.pre(Math.abs(value) >= 2 ** -120 && Math.abs(value) < 2 ** 120);
        const [key] = coarsened(histogramOfValues([value]), level).keys;
        // Of 16 buckets an octave, up to all 16 are one.
        expect(Math.abs(valueOfKey(key!, level) - value)).toBeLessThanOrEqual(
          Math.abs(value) * (2 ** level / 32 + 1 / 32),
        );
      }),
    );
  });

  it("says below which value a share of its values lies, within a bucket of the sorted list's answer", () => {
    fc.assert(
      fc.property(
        fc.array(float, { minLength: 1, maxLength: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, share) => {
          const sorted = [...all].sort((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(share * all.length) - 1)]!;
          expect(quantileOf(histogramOfValues(all), share)).toBe(valueOfKey(keyOf(exact)));
        },
      ),
    );
    expect(quantileOf(emptyHistogram, 0.5)).toBeNaN();
  });
});

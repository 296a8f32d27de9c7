import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepOf } from "../../../../functions/core/features/steps.ts";

const number = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("steps", () => {
  it("has none for what reads rather than computes", () => {
    for (const reading of ["number", { index: ["a"] }, { oneHot: ["a"] }, { hash: { buckets: 2 } }] as const)
      expect(
        stepOf(typeof reading === "string" ? reading : (structuredClone(reading) as never)),
      ).toBeUndefined();
  });

  it("buckets count the edges reached, and never decrease", () => {
    const edges = fc
      .uniqueArray(number, { minLength: 1, maxLength: 20 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(edges, number, number, (sorted, a, b) => {
        fc.pre(sorted.every((edge, i) => i === 0 || sorted[i - 1]! < edge));
        const bucket = stepOf({ bucket: sorted })!;
        expect(bucket(a)).toBe(sorted.filter((edge) => edge <= a).length);
        expect(bucket(Math.min(a, b))).toBeLessThanOrEqual(bucket(Math.max(a, b)));
        for (const [i, edge] of sorted.entries()) expect(bucket(edge)).toBe(i + 1);
      }),
    );
  });

  it("clips into the interval, leave what is within, and change nothing the second time", () => {
    fc.assert(
      fc.property(number, number, number, (a, b, value) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const clip = stepOf({ clip: { min, max } })!;
        expect(clip(value)).toBeGreaterThanOrEqual(min);
        expect(clip(value)).toBeLessThanOrEqual(max);
        expect(clip(clip(value))).toBe(clip(value));
        // Not `toBe`, which tells 0 from -0: either is the bound.
        if (value >= min && value <= max) expect(clip(value) === value).toBe(true);
      }),
    );
  });

  it("undo standardising and scaling by hand", () => {
    const modest = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(modest, modest, fc.double({ min: 0.1, max: 1e3, noNaN: true }), (value, mean, std) => {
        expect(stepOf({ standardise: { mean, std } })!(value) * std + mean).toBeCloseTo(value, 5);
        expect(stepOf({ scale: { min: mean, max: mean + std } })!(value) * std + mean).toBeCloseTo(value, 3);
      }),
    );
  });

  it("take logarithms that exponentiation undoes, and none of zero or less", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.integer({ min: 0, max: 9 }),
        (value, plus) => {
          const log = stepOf({ log: { plus } })!;
          if (value + plus > 0) expect(Math.exp(log(value)) - plus).toBeCloseTo(value, 8);
          else expect(log(value)).toBeNaN();
        },
      ),
    );
  });

  it("pass on what is not a number", () => {
    for (const transform of [
      { clip: {} },
      { scale: { min: 0, max: 1 } },
      { log: { plus: 0 } },
      { bucket: [1] },
    ])
      expect(stepOf(transform)!(Number.NaN)).toBeNaN();
  });
});

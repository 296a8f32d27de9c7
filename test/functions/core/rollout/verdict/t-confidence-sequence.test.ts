import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BlockSum,
  halfWidthAfter,
  type SequenceRules,
  tConfidenceSequence,
} from "../../../../../functions/core/rollout/verdict/t-confidence-sequence.ts";

interface Case extends SequenceRules {
  readonly counts: readonly number[];
  readonly sums: readonly number[];
  readonly low: number | null;
  readonly high: number | null;
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../../../../fixtures/verdict/confidence-sequences.json", import.meta.url), "utf8"),
);

const blocksOf = ({ counts, sums }: Pick<Case, "counts" | "sums">): BlockSum[] =>
  counts.map((count, i) => ({ count, sum: sums[i]! }));

const someBlocks = fc.array(
  fc.record({
    count: fc.integer({ min: 1, max: 10_000 }),
    sum: fc.double({ min: -100, max: 100, noNaN: true }),
  }),
  { minLength: 1, maxLength: 40 },
);
const someRules = fc.record({
  alpha: fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
  dependence: fc.constantFrom(1, 1.5),
});
const usual = { alpha: 0.05, dependence: 1 };

describe("the confidence sequence", () => {
  it.each(cases.map((each) => [each.counts.length, each.alpha, each.dependence, each] as const))(
    "after %i blocks at %f, dependent by %f, is what integrating the likelihoods gives, to 1e-9",
    (_, __, ___, each) => {
      const { low, high } = tConfidenceSequence(blocksOf(each), each);
      if (each.low === null || each.high === null) {
        expect([low, high]).toEqual([-Infinity, Infinity]);
        return;
      }
      expect(Math.abs(low - each.low)).toBeLessThan(1e-9);
      expect(Math.abs(high - each.high)).toBeLessThan(1e-9);
      expect(Math.abs(low / each.low - 1)).toBeLessThan(1e-9);
      expect(Math.abs(high / each.high - 1)).toBeLessThan(1e-9);
    },
  );

  it("holds the mean, and is narrower for a greater alpha", () => {
    fc.assert(
      fc.property(someBlocks, someRules, (blocks, rules) => {
        const { mean, low, high } = tConfidenceSequence(blocks, rules);
        expect(low <= mean && mean <= high).toBe(true);
        const wider = tConfidenceSequence(blocks, { ...rules, alpha: rules.alpha / 2 });
        expect(wider.low <= low && high <= wider.high).toBe(true);
      }),
    );
  });

  it("turns round where the versions change places, and moves with a constant", () => {
    fc.assert(
      fc.property(someBlocks, someRules, (blocks, rules) => {
        const { low, high } = tConfidenceSequence(blocks, rules);
        const turned = tConfidenceSequence(
          blocks.map(({ count, sum }) => ({ count, sum: -sum })),
          rules,
        );
        expect(turned.low).toBeCloseTo(-high, 6);
        expect(turned.high).toBeCloseTo(-low, 6);
        const moved = tConfidenceSequence(
          blocks.map(({ count, sum }) => ({ count, sum: sum + 0.5 * count })),
          rules,
        );
        if (Number.isFinite(low)) expect(moved.low).toBeCloseTo(low + 0.5, 4 - Math.log10(1 + Math.abs(low)));
      }),
    );
  });

  it("says nothing of the bounds after one block, and nothing is between equal versions", () => {
    expect(tConfidenceSequence([{ count: 10, sum: 1 }], usual)).toEqual({
      mean: 0.1,
      low: -Infinity,
      high: Infinity,
    });
    const equal = Array.from({ length: 20 }, (_, i) => ({ count: 100 + i, sum: 0 }));
    expect(tConfidenceSequence(equal, usual)).toEqual({ mean: 0, low: 0, high: 0 });
  });

  it("has the half width that is told beforehand", () => {
    const blocks = Array.from({ length: 12 }, (_, i) => ({ count: 10, sum: i % 2 }));
    const { low, high } = tConfidenceSequence(blocks, usual);
    expect((high - low) / 2).toBeCloseTo(0.05 * halfWidthAfter(12, usual), 12);
    expect(halfWidthAfter(2, usual)).toBe(Infinity);
  });

  it.each([
    ["no blocks", [], 0.05],
    ["an empty block", [{ count: 0, sum: 0 }], 0.05],
    ["alpha 0", [{ count: 1, sum: 0 }], 0],
    ["alpha 1", [{ count: 1, sum: 0 }], 1],
  ])("takes not %s", (_, blocks, alpha) => {
    expect(() => tConfidenceSequence(blocks, { alpha, dependence: 1 })).toThrow("confidence sequence: got");
  });
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquare } from "../../../../../functions/core/monitor/drift/chi-square.ts";
import { binned, decilesOf } from "../../../../../functions/core/monitor/drift/decile-bins.ts";
import type { Distribution } from "../../../../../functions/core/monitor/drift/distribution.ts";
import { jensenShannonDistance } from "../../../../../functions/core/monitor/drift/jensen-shannon.ts";
import { lInfinity } from "../../../../../functions/core/monitor/drift/l-infinity.ts";
import { populationStability } from "../../../../../functions/core/monitor/drift/population-stability.ts";
import { upperGamma } from "../../../../../functions/core/monitor/drift/upper-gamma.ts";
import { normedWasserstein } from "../../../../../functions/core/monitor/drift/wasserstein.ts";

interface Pair {
  readonly name: string;
  readonly reference: Distribution;
  readonly current: Distribution;
  readonly populationStability: number;
  readonly jensenShannon: number;
}
interface Fixtures {
  readonly numbers: readonly (Pair & { readonly deciles: number[]; readonly normedWasserstein: number })[];
  readonly categories: readonly (Pair & {
    readonly lInfinity: number;
    readonly chiSquare: { statistic: number; degreesOfFreedom: number; pValue: number };
  })[];
  readonly upperGamma: readonly { readonly a: number; readonly x: number; readonly value: number }[];
}

const fixtures: Fixtures = JSON.parse(
  readFileSync(new URL("../../../../fixtures/drift/statistics.json", import.meta.url), "utf8"),
);

/** Equal to 1e-9 of its size, and of 1 where it is smaller. */
function expectNear(got: number, expected: number): void {
  expect(Math.abs(got - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(1e-9);
}

describe.each(fixtures.numbers)("numbers, $name", ({ reference, current, deciles, ...expected }) => {
  const bins = [binned(reference, deciles), binned(current, deciles)] as const;

  it("have the deciles that numpy finds", () => {
    expect(decilesOf(reference)).toEqual(deciles);
  });

  it("have scipy's stability index and Jensen-Shannon distance over them", () => {
    expectNear(populationStability(...bins), expected.populationStability);
    expectNear(jensenShannonDistance(...bins), expected.jensenShannon);
  });

  it("have scipy's Wasserstein distance over numpy's deviation", () => {
    expectNear(normedWasserstein(reference, current), expected.normedWasserstein);
  });
});

describe.each(fixtures.categories)("categories, $name", ({ reference, current, ...expected }) => {
  it("have scipy's stability index, Jensen-Shannon and L-infinity distances", () => {
    expectNear(populationStability(reference, current), expected.populationStability);
    expectNear(jensenShannonDistance(reference, current), expected.jensenShannon);
    expectNear(lInfinity(reference, current), expected.lInfinity);
  });

  it("have scipy's chi-square statistic, degrees of freedom and p-value", () => {
    const got = chiSquare(reference, current);
    expectNear(got.statistic, expected.chiSquare.statistic);
    expect(got.degreesOfFreedom).toBe(expected.chiSquare.degreesOfFreedom);
    expectNear(got.pValue, expected.chiSquare.pValue);
  });
});

describe("the incomplete gamma function", () => {
  it("is scipy's to 1e-11, from small to large", () => {
    const worst = fixtures.upperGamma.reduce(
      (greatest, { a, x, value }) => Math.max(greatest, Math.abs(upperGamma(a, x) - value)),
      0,
    );
    expect(worst).toBeLessThan(1e-11);
  });

  it("is that of an exponential law where a is 1, and keeps its tail", () => {
    for (const x of [0, 0.1, 1, 10, 100, 700]) expect(upperGamma(1, x) / Math.exp(-x)).toBeCloseTo(1, 10);
  });

  it("ends where its argument does", () => {
    expect(upperGamma(3, Infinity)).toBe(0);
    expect(upperGamma(3, 0)).toBe(1);
  });
});

const distributions = fc
  .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 20 })
  .chain((values) =>
    fc
      .array(fc.integer({ min: 1, max: 1000 }), { minLength: values.length, maxLength: values.length })
      .map((weights): Distribution => ({ values: values.sort((a, b) => a - b), weights })),
  );
const scaled = ({ values, weights }: Distribution, by: number): Distribution => ({
  values,
  weights: Array.from(weights, (weight) => weight * by),
});
const moved = ({ values, weights }: Distribution, by: number): Distribution => ({
  values: Array.from(values, (value) => value + by),
  weights,
});

describe("every distance", () => {
  it("is 0 of a distribution and itself, however much of it there is", () => {
    fc.assert(
      fc.property(distributions, fc.integer({ min: 1, max: 1e6 }), (one, by) => {
        const other = scaled(one, by);
        expect(populationStability(one, other)).toBeCloseTo(0, 12);
        expect(jensenShannonDistance(one, other)).toBeLessThan(1e-7);
        expect(lInfinity(one, other)).toBeCloseTo(0, 12);
        expect(normedWasserstein(one, other)).toBeCloseTo(0, 9);
      }),
    );
  });

  it("is the same both ways but for the deviation that Wasserstein's is divided by", () => {
    fc.assert(
      fc.property(distributions, distributions, (one, other) => {
        expect(populationStability(one, other)).toBeCloseTo(populationStability(other, one), 9);
        expect(jensenShannonDistance(one, other)).toBeCloseTo(jensenShannonDistance(other, one), 9);
        expect(lInfinity(one, other)).toBeCloseTo(lInfinity(other, one), 9);
      }),
    );
  });

  it("of Wasserstein is the way by which all was moved", () => {
    fc.assert(
      fc.property(distributions, fc.integer({ min: -100, max: 100 }), (one, by) => {
        const spread = normedWasserstein(one, moved(one, 1));
        expect(normedWasserstein(one, moved(one, by))).toBeCloseTo(Math.abs(by) * spread, 6);
      }),
    );
  });

  it("of Jensen and Shannon is 1 where nothing is in common, and L-infinity what moved of one category", () => {
    fc.assert(
      fc.property(distributions, (one) => {
        expect(jensenShannonDistance(one, moved(one, 1000))).toBeCloseTo(1, 9);
      }),
    );
    const even = { values: [0, 1, 2, 3], weights: [1, 1, 1, 1] };
    expect(lInfinity(even, { values: [0, 1, 2], weights: [1, 1, 2] })).toBe(0.25);
  });
});

describe("deciles", () => {
  it("are fewer where much stands at one value", () => {
    expect(decilesOf({ values: [0, 1, 2], weights: [85, 10, 5] })).toEqual([0, 1]);
  });

  it("take every value that there is into one bin", () => {
    fc.assert(
      fc.property(distributions, distributions, (reference, other) => {
        const { weights } = binned(other, decilesOf(reference));
        const sum = (all: ArrayLike<number>) => Array.from(all).reduce((total, each) => total + each, 0);
        expect(sum(weights)).toBe(sum(other.weights));
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { modelPackage } from "../../../../../functions/contract/model-package.ts";
import {
  type DecideWindow,
  decideWindow,
} from "../../../../../functions/core/monitor/drift/decide-window.ts";
import { alarmedAfter } from "../../../../../functions/core/monitor/drift/drift-alarm.ts";
import { profileOf } from "../../../../../functions/core/monitor/drift/drift-profile.ts";
import type { DriftReport } from "../../../../../functions/core/monitor/drift/drift-report.ts";
import { measureFeature } from "../../../../../functions/core/monitor/drift/measure-feature.ts";
import { variationLimit } from "../../../../../functions/core/monitor/drift/own-variation.ts";
import { coarsened, histogramOf, keyOf } from "../../../../../functions/core/monitor/histogram.ts";
import type { FeatureSketch, Sketch } from "../../../../../functions/core/monitor/sketch.ts";
import { digest } from "./flight-days.ts";

const rows = 1000;

function packageOf(drift: object = {}) {
  return modelPackage.parse({
    name: "m",
    event: { id: "id" },
    features: {
      amount: { from: "amount" },
      hour: { from: "at", as: "hourOfDay" },
      country: { from: "country", as: { index: ["at", "ch", "de"], unknown: -1 } },
    },
    outputs: { score: { from: "score", index: 0 } },
    outcome: { on: { type: "paid" }, id: "id", label: { from: "late", is: true }, within: "30d" },
    drift,
  });
}

const numbers = (...values: readonly (readonly [value: number, count: number])[]): FeatureSketch => ({
  kind: "number",
  histogram: histogramOf(values.map(([value, count]) => [keyOf(value), count])),
  missing: 0,
  invalid: 0,
});
const codes = (...counts: readonly number[]): FeatureSketch => ({
  kind: "category",
  histogram: histogramOf(counts.map((count, code) => [code, count])),
  missing: 0,
  invalid: 0,
});
const sketchOf = (amount: FeatureSketch, country = codes(500, 300, 200), score = 0.25): Sketch => ({
  ...{ rows, failed: 2, runMs: 1 },
  features: [amount, numbers([3, rows]), country],
  scores: [histogramOf([[keyOf(score), rows]])],
});
const usual = numbers([1, 250], [2, 250], [4, 250], [8, 250]);

interface Circumstances extends Partial<Pick<DecideWindow, "isWhole" | "earlier">> {
  readonly drift?: object;
  readonly windows?: readonly Sketch[];
}

function decide(sketch: Sketch, { drift = {}, windows = [], ...more }: Circumstances = {}): DriftReport {
  const pkg = packageOf(drift);
  const profile = profileOf(
    { sketch: sketchOf(usual), windows: windows.map((each) => ({ sketch: each })) },
    pkg,
  );
  const window = { fromMs: 0, untilMs: 86_400_000 };
  return decideWindow({ digest, package: pkg, profile, window, sketch, isWhole: true, earlier: [], ...more });
}

describe("a window", () => {
  it("like the reference has not drifted, and says how far from it each feature is", () => {
    const report = decide(sketchOf(usual));
    expect(report).toMatchObject({
      ...{ digest, from: "1970-01-01T00:00:00.000Z", until: "1970-01-02T00:00:00.000Z" },
      ...{ rows, failed: 2, verdict: "compared", referenceWindows: 0, alarmed: [], breaches: [] },
    });
    expect(report.features.map(({ name, drifted }) => [name, drifted])).toEqual([
      ["amount", false],
      ["country", false],
    ]);
    expect(report.scores).toMatchObject([{ name: "score", drifted: false, samples: rows }]);
  });

  it("names what drifted first, with the statistic that tells it", () => {
    const report = decide(sketchOf(usual, codes(200, 300, 500)));
    expect(report.features[0]).toMatchObject({
      name: "country",
      drifted: true,
      samples: rows,
      threshold: 0.1,
    });
    expect(report.features[0]!.measured.chiSquareP).toBeLessThan(1e-9);
    expect(report.features[0]!.value).toBe(report.features[0]!.measured[report.features[0]!.statistic]);
  });

  it("of too few rows, or in which the version began, says nothing and keeps the alarm as it was", () => {
    const far = sketchOf(numbers([1000, rows]));
    const drifted = decide(far);
    expect(drifted.features[0]).toMatchObject({ name: "amount", drifted: true });
    for (const [verdict, sketch, isWhole] of [
      ["few", { ...far, rows: 999 }, true],
      ["begun", far, false],
    ] as const) {
      const report = decide(sketch, { isWhole, earlier: [drifted, drifted] });
      expect(report).toMatchObject({ verdict, features: [], scores: [], breaches: [] });
      expect(report.alarmed).toEqual([{ kind: "feature", name: "amount" }]);
    }
  });

  it("is not compared in what is excluded, nor in a part of a time", () => {
    const report = decide(
      { ...sketchOf(usual), features: [numbers([1000, rows]), numbers([20, rows]), codes(0, 0, rows)] },
      { drift: { exclude: ["amount"] } },
    );
    expect(report.features.map(({ name }) => name)).toEqual(["country"]);
  });

  it("drifts from the threshold that the package sets, whatever the reference varies by", () => {
    const slightly = sketchOf(usual, codes(450, 350, 200));
    expect(decide(slightly).features[0]!.drifted).toBe(false);
    expect(decide(slightly, { drift: { threshold: 0.02 } }).features[0]).toMatchObject({
      name: "country",
      drifted: true,
      threshold: 0.02,
    });
  });

  it("may vary by what the reference's own windows vary by", () => {
    const shares = [300, 420, 500, 560, 640, 380];
    const windows = shares.map((share) => sketchOf(usual, codes(share, 800 - share, 200)));
    const far = sketchOf(usual, codes(320, 480, 200));
    expect(decide(far, { windows: windows.slice(0, 4) })).toMatchObject({
      referenceWindows: 0,
      features: [{ name: "country", drifted: true, threshold: 0.1 }, {}],
    });
    const report = decide(far, { windows });
    expect(report.referenceWindows).toBe(6);
    expect(report.features.find(({ name }) => name === "country")!.drifted).toBe(false);
  });

  it("tells what its scores promise", () => {
    // A quarter each time: 1/4 · 9/16 + 3/4 · 1/16.
    expect(decide(sketchOf(usual)).estimated?.brier).toBeCloseTo(3 / 16, 12);
  });
});

describe("data-quality rules", () => {
  const drift = {
    rules: {
      amount: { completeness: 0.99, nonNegative: true },
      country: { domain: 0.98, completeness: 1 },
    },
  };

  it("are kept to by values that do", () => {
    expect(decide(sketchOf(usual), { drift }).breaches).toEqual([]);
  });

  it("are broken by what is missing, below zero or not on the list, each with its share", () => {
    const amount = { ...numbers([-1, 5], [1, 995]), missing: 20 };
    const report = decide(sketchOf(amount, codes(500, 300, 170, 30)), { drift });
    expect(report.breaches).toEqual([
      { feature: "amount", rule: "completeness", share: 0.98, least: 0.99 },
      { feature: "amount", rule: "nonNegative", share: 0.995, least: 1 },
      { feature: "country", rule: "domain", share: 0.97, least: 0.98 },
    ]);
  });

  it("are alarmed as drift is", () => {
    const broken = decide(sketchOf(usual, codes(500, 300, 170, 30)), { drift });
    const again = decide(sketchOf(usual, codes(500, 300, 170, 30)), { drift, earlier: [broken] });
    expect([broken, again].map(({ alarmed }) => alarmed)).toEqual([
      [],
      [
        { kind: "feature", name: "country" },
        { kind: "rule", name: "country.domain" },
      ],
    ]);
  });
});

describe("an alarm", () => {
  const of = (...names: readonly string[]): DriftReport => ({
    ...decide(sketchOf(usual)),
    features: names.map((name) => ({
      ...{ name, statistic: "lInfinity", value: 1, threshold: 0.1, samples: rows, drifted: true },
      measured: {},
    })),
  });
  const rules = { windows: { alarmed: 2, of: 3 } };
  const names = (reports: readonly DriftReport[]) => alarmedAfter(reports, rules).map(({ name }) => name);

  it("takes one feature in so many of the last windows, not several in one each", () => {
    expect(names([of("a"), of("b"), of("c")])).toEqual([]);
    expect(names([of("a"), of("b"), of("a", "c")])).toEqual(["a"]);
  });

  it("is over when fewer of them drifted, and does not look further back", () => {
    expect(names([of("a"), of("a"), of()])).toEqual(["a"]);
    expect(names([of("a"), of("a"), of(), of()])).toEqual([]);
  });

  it("passes over windows that were not compared", () => {
    expect(
      names([of("a"), { ...of("b"), verdict: "few" }, of("a"), { ...of("b"), verdict: "begun" }]),
    ).toEqual(["a"]);
  });
});

describe("a measurement", () => {
  it("is made at the coarser of two levels", () => {
    const fine = numbers([1, 100], [1.03125, 100], [3, 100]);
    const coarse = { ...fine, histogram: coarsened(fine.histogram, 2) };
    const same = measureFeature(coarse, fine);
    expect(same.normedWasserstein).toBe(0);
    expect(same.jensenShannon).toBe(0);
  });

  it("has the difference of missing shares only where both know them, and nothing else of no values", () => {
    const none = { ...numbers(), missing: 0 };
    expect(measureFeature(usual, { ...usual, missing: 250 }).missingDifference).toBe(0.25);
    expect(measureFeature({ ...usual, missing: undefined }, usual)).not.toHaveProperty("missingDifference");
    expect(measureFeature(usual, none)).toEqual({});
    expect(measureFeature(usual, { ...none, invalid: 10 })).toEqual({ missingDifference: 1 });
  });

  it("takes off a distance what two samples of one distribution may be apart", () => {
    // A thousand values over two hundred categories, of which each sample has its own draw.
    const draw = (seed: number) => {
      const counts = new Array<number>(200).fill(0);
      for (let i = 0, state = seed; i < 1000; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        counts[Math.floor((state / 2 ** 32) * 200)]!++;
      }
      return codes(...counts);
    };
    const measured = measureFeature(draw(1), draw(2));
    expect(measured.chiSquareP).toBeGreaterThan(0.001);
    expect(measured.jensenShannon).toBeLessThan(0.1);
  });
});

describe("the limit of what windows vary by", () => {
  it("is Student's prediction limit over the roots", () => {
    // Roots 0.1 to 0.5: mean 0.3, deviation √0.025; scipy.stats.t.isf(0.01, 4) = 3.746947.
    const expected = (0.3 + 3.746947387979196 * Math.sqrt(0.025 * (1 + 1 / 5))) ** 2;
    expect(variationLimit([0.01, 0.04, 0.09, 0.16, 0.25], 0.01)).toBeCloseTo(expected, 9);
  });
});

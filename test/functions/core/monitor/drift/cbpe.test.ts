import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { estimateAccuracy } from "../../../../../functions/core/monitor/drift/cbpe.ts";
import { studentQuantile } from "../../../../../functions/core/monitor/drift/student-t.ts";
import { histogramOf, keyOf } from "../../../../../functions/core/monitor/histogram.ts";
import type { Calibration } from "../../../../../functions/core/outcome/accuracy/calibration.ts";

interface Fixtures {
  readonly estimates: readonly {
    readonly name: string;
    readonly keys: number[];
    readonly counts: number[];
    readonly calibration: Calibration | null;
    readonly logLoss: number;
    readonly brier: number;
    readonly auc: number;
  }[];
  readonly quantiles: readonly {
    readonly degreesOfFreedom: number;
    readonly tail: number;
    readonly value: number;
  }[];
}

const fixtures: Fixtures = JSON.parse(
  readFileSync(new URL("../../../../fixtures/drift/statistics.json", import.meta.url), "utf8"),
);

describe("an estimate of accuracy without outcomes", () => {
  it.each(fixtures.estimates)(
    "is numpy's over every pair of predictions, $name",
    ({ keys, counts, ...expected }) => {
      const scores = histogramOf(keys.map((key, i) => [key, counts[i]!]));
      const got = estimateAccuracy("binary", [scores], expected.calibration ?? undefined);
      for (const figure of ["logLoss", "brier", "auc"] as const)
        expect(Math.abs(got![figure]! - expected[figure])).toBeLessThan(1e-9);
    },
  );

  it("sums what every class is expected to cost", () => {
    const at = (...values: [number, number][]) =>
      histogramOf(values.map(([value, count]) => [keyOf(value), count]));
    // Three predictions of (1/2, 1/4, 1/4), one of (1/4, 1/2, 1/4).
    const got = estimateAccuracy("classes", [
      at([0.5, 3], [0.25, 1]),
      at([0.25, 3], [0.5, 1]),
      at([0.25, 4]),
    ]);
    expect(got?.brier).toBeCloseTo(0.5 * 0.5 + 2 * 0.25 * 0.75, 12);
    expect(got?.logLoss).toBeCloseTo(0.5 * Math.LN2 + 2 * 0.25 * Math.log(4), 12);
    expect(got).not.toHaveProperty("auc");
  });

  it("is not made of nothing, and has no order where all are sure of the same", () => {
    expect(estimateAccuracy("binary", [])).toBeUndefined();
    expect(estimateAccuracy("binary", [histogramOf([])])).toBeUndefined();
    expect(estimateAccuracy("binary", [histogramOf([[keyOf(1), 5]])])).not.toHaveProperty("auc");
  });

  it("does not believe bins of few outcomes", () => {
    const calibration = { counts: [99, 0], hits: [99, 0], scoreSums: [3, 0] };
    const scores = [histogramOf([[keyOf(0.03125), 10]])];
    expect(estimateAccuracy("binary", scores, calibration)).toEqual(estimateAccuracy("binary", scores));
  });
});

describe("Student's quantile", () => {
  it.each(fixtures.quantiles)(
    "is scipy's for $degreesOfFreedom degrees of freedom and a tail of $tail",
    (each) => {
      const got = studentQuantile(each.degreesOfFreedom, each.tail);
      expect(Math.abs(got - each.value) / Math.max(1, each.value)).toBeLessThan(1e-6);
    },
  );
});

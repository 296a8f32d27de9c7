import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdoutFigures } from "../../../../../functions/core/train/evaluate/holdout-figures.ts";
import { rankedAuc } from "../../../../../functions/core/train/evaluate/ranked-auc.ts";

const figures = (
  kind: "binary" | "classes" | "number",
  scores: readonly number[],
  labels: readonly number[],
  width = 1,
) => holdoutFigures({ scores: Float32Array.from(scores), labels: Float32Array.from(labels), width }, kind);

describe("figures of held-out rows", () => {
  it("of a yes or no are as reckoned by hand", () => {
    // Every score is a float32 of few bits, so that the sums are exact.
    const got = figures("binary", [0.25, 0.75, 0.5, 0.875], [0, 1, 1, 0]);
    expect(got.rows).toBe(4);
    expect(got.loss).toBeCloseTo(
      -(Math.log(0.75) + Math.log(0.75) + Math.log(0.5) + Math.log(0.125)) / 4,
      12,
    );
    expect(got.brier).toBeCloseTo((0.0625 + 0.0625 + 0.25 + 0.765625) / 4, 12);
    // Of the four pairs 0.75 > 0.25 and 0.5 > 0.25 are right.
    expect(got.auc).toBe(0.5);
    // Each score has a bin of its own: gaps of 0.25, 0.25, 0.5 and 0.875.
    expect(got.calibration).toBeCloseTo(1.875 / 4, 12);
  });

  it("of a sure mistake are finite", () => {
    expect(figures("binary", [1], [0]).loss).toBeCloseTo(34.54, 2);
  });

  it("of numbers are the root mean squared error, and what only classes have is not there", () => {
    expect(figures("number", [1, -2, 5], [4, -2, 1])).toEqual({
      ...{ rows: 3, loss: Math.sqrt(25 / 3), brier: 25 / 3 },
      ...{ auc: undefined, calibration: undefined, chanceDeviation: undefined },
    });
  });

  it("of classes are as reckoned by hand", () => {
    const got = figures("classes", [0.5, 0.25, 0.25, 0.125, 0.125, 0.75, 0.5, 0.375, 0.125], [0, 2, 1], 3);
    expect(got.loss).toBeCloseTo(-(Math.log(0.5) + Math.log(0.75) + Math.log(0.375)) / 3, 12);
    const squares = [0.25 + 2 * 0.0625, 2 * 0.015625 + 0.0625, 0.25 + 0.390625 + 0.015625];
    expect(got.brier).toBeCloseTo((squares[0]! + squares[1]! + squares[2]!) / 3, 12);
    // Of the likeliest classes: 0.5 was right once and wrong once, 0.75 was right.
    expect(got.calibration).toBeCloseTo((Math.abs(2 * 0.5 - 1) + 0.25) / 3, 12);
    expect([got.auc, got.chanceDeviation]).toEqual([undefined, undefined]);
  });

  it("know how far chance alone takes the AUC: over all ways to label six rows it strays as much", () => {
    const scores = Float32Array.of(1, 2, 3, 4, 5, 6);
    for (const positives of [1, 2, 3, 5]) {
      const ways = Array.from({ length: 64 }, (_, bits) =>
        Float32Array.from({ length: 6 }, (__, i) => (bits >> i) & 1),
      ).filter((labels) => labels.reduce((sum, each) => sum + each, 0) === positives);
      const mean = ways.reduce((sum, labels) => sum + rankedAuc(scores, labels)!, 0) / ways.length;
      const variance =
        ways.reduce((sum, labels) => sum + (rankedAuc(scores, labels)! - 0.5) ** 2, 0) / ways.length;
      expect(mean).toBeCloseTo(0.5, 12);
      const { chanceDeviation } = figures("binary", [...scores], [...ways[0]!]);
      expect(chanceDeviation).toBeCloseTo(Math.sqrt(variance), 12);
    }
  });

  it("do not depend on the order of the rows", () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 0, max: 1 })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(rows, (pairs) => {
        const of = (each: typeof pairs) =>
          figures(
            "binary",
            each.map(([score]) => score / 64),
            each.map(([, label]) => label),
          );
        const [one, other] = [of(pairs), of(pairs.toReversed())];
        expect(other.loss).toBeCloseTo(one.loss, 10);
        expect(other.brier).toBeCloseTo(one.brier, 10);
        expect(other.auc).toBe(one.auc);
        expect(other.calibration).toBeCloseTo(one.calibration!, 10);
      }),
    );
  });
});

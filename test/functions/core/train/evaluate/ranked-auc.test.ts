import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rankedAuc } from "../../../../../functions/core/train/evaluate/ranked-auc.ts";

const auc = (scores: number[], labels: number[]) =>
  rankedAuc(Float32Array.from(scores), Float32Array.from(labels));

describe("rankedAuc", () => {
  it.each([
    [[0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1],
    [[0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0],
    [[0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5],
    // The pairs (0.4, 0.1) and (0.8, 0.1), (0.8, 0.6) are right, (0.4, 0.6) is wrong.
    [[0.1, 0.4, 0.6, 0.8], [0, 1, 0, 1], 0.75],
    [[-3, 7, 7], [0, 0, 1], 0.75],
  ])("of %j with labels %j is %d", (scores, labels, expected) => {
    expect(auc(scores, labels)).toBe(expected);
  });

  it("is not there where one class is", () => {
    expect(auc([1, 2], [1, 1])).toBeUndefined();
    expect(auc([1, 2], [0, 0])).toBeUndefined();
    expect(auc([], [])).toBeUndefined();
  });

  it("is the share of pairs that are in order, ties one half", () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, (pairs) => {
        const of = (label: number) => pairs.filter((pair) => pair[1] === label).map(([score]) => score);
        const [negatives, positives] = [of(0), of(1)];
        let won = 0;
        for (const high of positives)
          for (const low of negatives) won += high > low ? 1 : high === low ? 0.5 : 0;
        const got = auc(
          pairs.map(([score]) => score),
          pairs.map(([, label]) => label),
        );
        if (positives.length === 0 || negatives.length === 0) expect(got).toBeUndefined();
        else expect(got).toBeCloseTo(won / (positives.length * negatives.length), 12);
      }),
    );
  });
});

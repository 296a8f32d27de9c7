import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auc, type Scored } from "../../../scripts/summary/auc.ts";

/** By definition: over all pairs of a late and an on-time flight. */
function aucByPairs(rows: readonly Scored[]): number | undefined {
  const [late, onTime] = [rows.filter((row) => row.late), rows.filter((row) => !row.late)];
  let sum = 0;
  for (const one of late) {
    for (const other of onTime) sum += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
  }
  return late.length && onTime.length ? sum / (late.length * onTime.length) : undefined;
}

const rows = fc.array(fc.record({ score: fc.integer({ min: 0, max: 9 }), late: fc.boolean() }), {
  maxLength: 60,
});

describe("auc", () => {
  it("of four flights with one pair in the wrong order is three quarters", () => {
    const scores = [0.1, 0.4, 0.35, 0.8];
    const late = [false, false, true, true];

    expect(auc(scores.map((score, index) => ({ score, late: late[index]! })))).toBe(0.75);
  });

  it("counts a tie as one half", () => {
    const flights = [
      { score: 0.5, late: true },
      { score: 0.5, late: false },
      { score: 0.5, late: false },
      { score: 0.2, late: false },
    ];

    expect(auc(flights)).toBeCloseTo((0.5 + 0.5 + 1) / 3, 15);
  });

  it("is undefined where only one class occurs", () => {
    expect(auc([])).toBeUndefined();
    expect(auc([{ score: 1, late: true }])).toBeUndefined();
    expect(auc([{ score: 1, late: false }])).toBeUndefined();
  });

  it("agrees with the count over all pairs", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const [got, expected] = [auc(some), aucByPairs(some)];
        if (expected === undefined) expect(got).toBeUndefined();
        else expect(got).toBeCloseTo(expected, 12);
      }),
    );
  });

  it("of reversed scores is one minus it, and order of the rows is nothing to it", () => {
    fc.assert(
      fc.property(rows, (some) => {
        const forward = auc(some);
        if (forward === undefined) return;
        expect(auc(some.map(({ score, late }) => ({ score: -score, late })))).toBeCloseTo(1 - forward, 12);
        expect(auc(some.toReversed())).toBe(forward);
      }),
    );
  });
});

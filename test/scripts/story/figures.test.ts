import { expect, it } from "vitest";
import { compare, figuresOf, monthsOf, qualityOf, windowsOf } from "../../../scripts/story/figures.ts";

const dayMs = 86_400_000;
const day = (month: number, date: number) => Date.UTC(2001, month - 1, date);

it("log-loss is the mean of minus the logarithm of what was given to the truth, and AUC counts pairs in order", () => {
  const { rows, logLoss, auc } = qualityOf(
    Float32Array.of(0.5, 0.25, 0.75, 0.5),
    Float32Array.of(1, 0, 1, 0),
  );
  expect(rows).toBe(4);
  expect(logLoss).toBeCloseTo((Math.log(2) + 2 * Math.log(4 / 3) + Math.log(2)) / 4, 7);
  // Of four pairs three are in order, and one is a tie.
  expect(auc).toBe(3.5 / 4);
});

it("compares both on the rows of a span alone, its end excluded", () => {
  const rows = {
    timesMs: Float64Array.of(0, 1, 2, 3),
    labels: Float32Array.of(1, 0, 1, 0),
    living: Float32Array.of(0.1, 0.2, 0.8, 0.9),
    frozen: Float32Array.of(0.1, 0.8, 0.2, 0.9),
  };
  const { living, frozen } = compare(rows, 1, 3)!;
  expect([living.rows, living.auc, frozen.auc]).toEqual([2, 1, 0]);
  expect(living.logLoss).toBeCloseTo(-Math.log(0.8), 6);
  expect(frozen.logLoss).toBeCloseTo(-Math.log(0.2), 6);
  expect(compare(rows, 4, 9)).toBeUndefined();
});

it("cuts months at their first day, and windows at midnights, none of which begins before the span", () => {
  expect(monthsOf(day(1, 20), day(3, 5))).toEqual([
    [day(1, 20), day(2, 1)],
    [day(2, 1), day(3, 1)],
    [day(3, 1), day(3, 5)],
  ]);
  expect(monthsOf(day(2, 1), day(3, 1))).toEqual([[day(2, 1), day(3, 1)]]);
  expect(windowsOf(day(2, 1) + 1, day(2, 10), 7)).toEqual([
    [day(2, 2), day(2, 9)],
    [day(2, 3), day(2, 10)],
  ]);
});

it("tells by how much a replacement changed the log-loss, by the new champion's own scores", () => {
  const period = (fromMs: number, replacedOnes: Float32Array | undefined) => ({
    ...{ fromMs, toMs: fromMs + dayMs, champion: "c" as never, replaced: undefined, replacedOnes },
    rows: {
      timesMs: Float64Array.of(fromMs, fromMs + 1),
      labels: Float32Array.of(1, 0),
      living: Float32Array.of(0.5, 0.5),
      frozen: Float32Array.of(0.5, 0.5),
    },
    champions: Float32Array.of(0.75, 0.25),
  });
  const start = day(2, 1);
  const { replacements, last, whole, months } = figuresOf({
    periods: [period(start, undefined), period(start + dayMs, Float32Array.of(0.5, 0.5))],
    ...{ comparedMs: start, toMs: start + 2 * dayMs },
  });
  expect(replacements).toHaveLength(1);
  expect(replacements[0]!.change).toBeCloseTo(Math.log(4 / 3) / Math.log(2) - 1, 6);
  expect([last!.living.rows, whole.living.rows, months.length]).toEqual([4, 4, 1]);
});

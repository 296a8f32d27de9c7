import { describe, expect, it } from "vitest";
import { rollout } from "../../../../../functions/contract/rollout.ts";
import {
  noiseOf,
  outcomesToDetect,
} from "../../../../../functions/core/rollout/verdict/detectable-difference.ts";
import { blockDependence } from "../../../../../functions/core/rollout/verdict/outcome-blocks.ts";
import { centred, comparisons, type Day, firstDecision, randomFrom, resample } from "./simulated-flights.ts";

const { alpha } = rollout.parse({});
const runs = 1_000;

describe("between models that are equal", () => {
  // Neither is better in the long run: the sides change by a throw, or the mean is taken out. Within a run of days what
  // followed what is as it was, dependence included.
  it.each([
    ["days, their sides thrown", 1, "flipped"],
    ["runs of four days, their sides thrown", 4, "flipped"],
    ["days, less their mean", 1, "centred"],
    ["runs of four days, less their mean", 4, "centred"],
    ["weeks, less their mean", 7, "centred"],
  ])("a wrong verdict in 90 days of daily looks is rarer than alpha: %s", (_, runDays, kind) => {
    const random = randomFrom(runDays);
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      const { days: real } = comparisons[Math.floor(random() * comparisons.length)]!;
      const days = kind === "centred" ? centred(real) : real;
      const stream = resample({ days, length: 90, runDays, isFlipped: kind === "flipped", random });
      if (firstDecision(stream) !== undefined) wrong++;
    }
    expect(wrong / runs).toBeLessThan(alpha);
  });
});

describe("between models that differ by 0.001 in Brier score", () => {
  const better = (days: readonly Day[]) =>
    centred(days).map(([count, sum]): Day => [count, sum - 0.001 * count]);

  it("the better one is promoted within the outcomes that docs/rollouts.md states", () => {
    const random = randomFrom(3);
    const needed: number[] = [];
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      const days = better(comparisons[Math.floor(random() * comparisons.length)]!.days);
      const first = firstDecision(resample({ days, length: 150, runDays: 1, isFlipped: false, random }));
      needed.push(first?.decision === "promote" ? first.count : Infinity);
      if (first?.decision === "roll back") wrong++;
    }
    needed.sort((a, b) => a - b);
    expect(wrong).toBe(0);
    expect(needed[0.5 * runs]).toBeLessThan(500_000);
    expect(needed[0.8 * runs]).toBeLessThan(900_000);
  });

  it("as many outcomes as are told beforehand are enough in four of five cases, and not many more", () => {
    const random = randomFrom(4);
    for (const { days } of comparisons.slice(0, 6)) {
      const needed = Array.from({ length: 300 }, () => {
        const stream = resample({ days: better(days), length: 300, runDays: 1, isFlipped: false, random });
        return firstDecision(stream)?.count ?? Infinity;
      }).sort((a, b) => a - b);
      const blocks = days.map(([count, sum]) => ({ count, sum }));
      const told = outcomesToDetect(0.001, noiseOf(blocks)!, { alpha, dependence: blockDependence })!;
      expect(needed[240]! / told).toBeGreaterThan(0.7);
      expect(needed[240]! / told).toBeLessThan(1);
    }
  });
});

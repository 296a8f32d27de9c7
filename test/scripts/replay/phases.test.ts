import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planPhases } from "../../../scripts/replay/phases.ts";

describe("planPhases", () => {
  it("of the default run wakes the functions, measures latency for ten seconds, then goes at full speed", () => {
    expect(planPhases(20_000)).toEqual([
      { name: "warm-up", flightCount: 200 },
      { name: "paced", flightCount: 2_000, ratePerSecond: 200 },
      { name: "full speed", flightCount: 17_800 },
    ]);
  });

  it("with a rate keeps it to the end", () => {
    expect(planPhases(1_000, 50)).toEqual([
      { name: "warm-up", flightCount: 100 },
      { name: "paced", flightCount: 900, ratePerSecond: 50 },
    ]);
  });

  it("covers every flight exactly once and has no empty phase", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50_000 }),
        fc.option(fc.integer({ min: 1, max: 999 })),
        (count, rate) => {
          const phases = planPhases(count, rate ?? undefined);
          expect(phases.reduce((sum, { flightCount }) => sum + flightCount, 0)).toBe(count);
          expect(phases.every(({ flightCount }) => flightCount > 0)).toBe(true);
        },
      ),
    );
  });
});

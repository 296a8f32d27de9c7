import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planPhases } from "../../../scripts/replay/phases.ts";

describe("planPhases", () => {
  it("of the default run wakes the functions, measures latency for ten seconds, then goes at full speed", () => {
    expect(planPhases({ eventCount: 20_000 })).toEqual([
      { name: "warm-up", eventCount: 200 },
      { name: "paced", eventCount: 2_000, ratePerSecond: 200 },
      { name: "full speed", eventCount: 17_800 },
    ]);
  });

  it("with a rate keeps it to the end", () => {
    expect(planPhases({ eventCount: 1_000, ratePerSecond: 50 })).toEqual([
      { name: "warm-up", eventCount: 100 },
      { name: "paced", eventCount: 900, ratePerSecond: 50 },
    ]);
  });

  it("puts what was before first, and knows no pace of its own where it goes by the clock of the events", () => {
    expect(planPhases({ eventCount: 1_000, historyCount: 300, speed: 60 })).toEqual([
      { name: "the day before", eventCount: 300 },
      { name: "as it happened", eventCount: 1_000, speed: 60 },
    ]);
  });

  it("covers every event exactly once and has no empty phase", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50_000 }),
        fc.option(fc.integer({ min: 1, max: 999 })),
        (count, rate) => {
          const phases = planPhases({ eventCount: count, ratePerSecond: rate ?? undefined });
          expect(phases.reduce((sum, { eventCount }) => sum + eventCount, 0)).toBe(count);
          expect(phases.every(({ eventCount }) => eventCount > 0)).toBe(true);
        },
      ),
    );
  });
});

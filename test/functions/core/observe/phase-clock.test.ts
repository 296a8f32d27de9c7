import { describe, expect, it } from "vitest";
import { startPhaseClock } from "../../../../functions/core/observe/phase-clock.ts";

describe("a phase clock", () => {
  it("adds up each phase, however often it is entered, and nothing before the first or after the stop", () => {
    let nowMs = 100;
    const clock = startPhaseClock<"a" | "b">(() => nowMs);
    const spend = (durationMs: number) => {
      nowMs += durationMs;
    };
    spend(1_000);
    clock.enter("a");
    spend(0.25);
    clock.enter("b");
    spend(2);
    clock.enter("a");
    spend(0.5);
    expect([...clock.stop()]).toEqual([
      ["a", 0.75],
      ["b", 2],
    ]);
    spend(7);
    expect(clock.stop().get("a")).toBe(0.75);
  });

  it("knows no phase that was never entered", () => {
    expect(startPhaseClock(() => 1).stop().size).toBe(0);
  });
});

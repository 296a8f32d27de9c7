import { describe, expect, it } from "vitest";
import { logLoss } from "../../../scripts/summary/log-loss.ts";

describe("logLoss", () => {
  it("agrees with a value worked out by hand", () => {
    // −(ln 0.9 + ln 0.75 + ln 0.5) / 3 = (0.105361 + 0.287682 + 0.693147) / 3
    const rows = [
      { probability: 0.9, late: true },
      { probability: 0.25, late: false },
      { probability: 0.5, late: true },
    ];

    expect(logLoss(rows)).toBeCloseTo(0.362063, 6);
  });

  it("of the base rate is the entropy of it", () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({ probability: 0.2, late: index < 20 }));

    expect(logLoss(rows)).toBeCloseTo(-(0.2 * Math.log(0.2) + 0.8 * Math.log(0.8)), 12);
  });

  it("of a sure mistake is finite, and of a sure hit almost nothing", () => {
    expect(logLoss([{ probability: 0, late: true }])).toBeCloseTo(34.5388, 3);
    expect(logLoss([{ probability: 1, late: false }])).toBeCloseTo(34.5388, 1);
    expect(logLoss([{ probability: 1, late: true }])).toBeCloseTo(0, 12);
  });

  it("of nothing is undefined", () => {
    expect(logLoss([])).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import {
  detectableAfter,
  noiseOf,
  outcomesToDetect,
} from "../../../../../functions/core/rollout/verdict/detectable-difference.ts";

const rules = { alpha: 0.05, dependence: 1.5 };
const noise = { deviation: 0.0014, countPerBlock: 16_500 };

describe("the noise of blocks", () => {
  it("is the deviation of their means, and their size", () => {
    const sums = [1, 3, 2, 6];
    const { deviation, countPerBlock } = noiseOf(sums.map((sum) => ({ count: 10, sum })))!;
    // Means 0.1, 0.3, 0.2, 0.6 about 0.3.
    expect(deviation).toBeCloseTo(Math.sqrt((0.04 + 0 + 0.01 + 0.09) / 3), 12);
    expect(countPerBlock).toBe(10);
  });

  it("is not known of one block", () => {
    expect(noiseOf([{ count: 10, sum: 1 }])).toBeUndefined();
  });
});

describe("the outcomes that a difference takes", () => {
  it("are the first after which it is detectable", () => {
    for (const difference of [0.0005, 0.001, -0.002]) {
      const outcomes = outcomesToDetect(difference, noise, rules)!;
      const blockCount = outcomes / noise.countPerBlock;
      expect(Number.isInteger(blockCount)).toBe(true);
      expect(detectableAfter(blockCount, noise, rules)).toBeLessThanOrEqual(Math.abs(difference));
      expect(detectableAfter(blockCount - 1, noise, rules)).toBeGreaterThan(Math.abs(difference));
    }
  });

  it("are the more the smaller it is and the surer one wants to be, and none are enough for nothing", () => {
    const needed = (difference: number, alpha: number) =>
      outcomesToDetect(difference, noise, { ...rules, alpha }) ?? Infinity;
    expect(needed(0.002, 0.05)).toBeLessThan(needed(0.001, 0.05));
    expect(needed(0.001, 0.05)).toBeLessThan(needed(0.001, 0.01));
    expect(needed(0, 0.05)).toBe(Infinity);
    expect(detectableAfter(3, noise, rules)).toBe(Infinity);
  });
});

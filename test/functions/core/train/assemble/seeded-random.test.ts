import { describe, expect, it } from "vitest";
import { seededRandom, xoshiro128 } from "../../../../../functions/core/train/assemble/seeded-random.ts";

describe("seededRandom", () => {
  it("is xoshiro128**, by the values of its authors' implementation", () => {
    const next = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, next)).toEqual([
      ...[11520, 0, 5927040, 70819200, 2031721883, 1637235492],
      ...[1287239034, 3734860849, 3729100597, 4258142804],
    ]);
  });

  it("is the same for the same text alone, and spread over 0 to 1", () => {
    const drawn = (seed: string, length = 5) => {
      const random = seededRandom(seed);
      return Array.from({ length }, random);
    };
    expect(drawn("flights-20010131-7")).toEqual(drawn("flights-20010131-7"));
    expect(drawn("flights-20010131-8")).not.toEqual(drawn("flights-20010131-7"));
    const many = drawn("flights", 20_000);
    expect(many.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(Math.abs(many.reduce((sum, value) => sum + value, 0) / 20_000 - 0.5)).toBeLessThan(0.01);
  });
});

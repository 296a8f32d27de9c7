import { describe, expect, it } from "vitest";
import {
  coresOf,
  estimateTraining,
  mostRows,
  type TrainingShape,
  trainingMisfit,
} from "../../../../../functions/core/train/trees/estimate-training.ts";

const shape: TrainingShape = { rows: 500_000, features: 20, trees: 200, depth: 6 };
/** The most that a function can have. */
const greatest = { memoryMiB: 10_240, timeoutSeconds: 900 };

describe("an estimate of training", () => {
  it("covers what was measured: 500,000 rows of 20 features, 200 trees of depth 6", () => {
    const { seconds, memoryBytes } = estimateTraining(shape);
    // test/bench/trees: 17.9 s of CPU, 214 MiB.
    expect(seconds).toBeGreaterThan(17.9);
    expect(seconds).toBeLessThan(3 * 17.9);
    expect(memoryBytes).toBeGreaterThan(214 * 2 ** 20);
    expect(memoryBytes).toBeLessThan(3 * 2 ** 30);
  });

  it("grows with everything but threads", () => {
    const base = estimateTraining(shape);
    for (const change of [
      { rows: 600_000 },
      { features: 21 },
      { trees: 201 },
      { depth: 7 },
      { margins: 3 },
      { holdsOut: true },
    ] satisfies Partial<TrainingShape>[]) {
      const larger = estimateTraining({ ...shape, ...change });
      expect(larger.memoryBytes).toBeGreaterThan(base.memoryBytes);
      expect(larger.seconds).toBeGreaterThanOrEqual(base.seconds);
    }
    expect(estimateTraining(shape, 2).seconds).toBeLessThan(base.seconds);
    expect(estimateTraining(shape, 2).seconds).toBeGreaterThan(base.seconds / 2);
  });
});

describe("whether a training fits a function", () => {
  it("is told with the size at which to switch, and that size is the limit", () => {
    const large = { ...shape, rows: 60_000_000 };
    const most = mostRows(large, greatest);
    expect(trainingMisfit(large, greatest)).toContain(`keep to ${most} rows, or train elsewhere`);
    expect(trainingMisfit({ ...shape, rows: most }, greatest)).toBeUndefined();
    expect(trainingMisfit({ ...shape, rows: most + 1 }, greatest)).toBeDefined();
    expect(most).toBeGreaterThan(1_000_000);
  });

  it("is for want of memory in a small function, for want of time in a hurried one", () => {
    expect(trainingMisfit(shape, greatest)).toBeUndefined();
    expect(trainingMisfit(shape, { ...greatest, memoryMiB: 256 })).toMatch(/got an estimate of \d+ MiB/);
    expect(trainingMisfit(shape, { ...greatest, timeoutSeconds: 10 })).toBeDefined();
  });

  it("is never so where the trees alone are too large", () => {
    const misfit = trainingMisfit(
      { ...shape, trees: 10_000, depth: 12 },
      { memoryMiB: 3008, timeoutSeconds: 60 },
    );
    expect(misfit).toContain("lower trees or depth");
  });

  it("counts a core per 1,769 MiB, and at least one", () => {
    expect([128, 1769, 3537, 3538, 10_240].map((memoryMiB) => coresOf({ memoryMiB }))).toEqual([
      1, 1, 1, 2, 5,
    ]);
  });
});

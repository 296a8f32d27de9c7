import { describe, expect, it } from "vitest";
import { objectiveOf } from "../../../../../functions/core/train/trees/objective.ts";
import { seededRandom } from "../../../../../scripts/onnx/random.ts";

const rowCount = 7;
const random = seededRandom(3);
const weights = Float32Array.from({ length: rowCount }, () => 0.5 + random.uniform());
const labels = {
  regression: Float32Array.from({ length: rowCount }, () => random.normal()),
  binary: Float32Array.of(0, 1, 1, 0, 0.25, 1, 0),
  multiclass: Float32Array.of(0, 1, 2, 2, 1, 0, 2),
} as const;

describe.each(["regression", "binary", "multiclass"] as const)("the objective of %s", (target) => {
  const objective = objectiveOf(target, 3);
  const { marginCount } = objective;
  const margins = Float32Array.from({ length: marginCount * rowCount }, () => random.normal());
  const totalWeight = weights.reduce((sum, each) => sum + each, 0);
  /** Twice the error is the slope of a squared one: the trees leave that factor out, as XGBoost does. */
  const factor = target === "regression" ? 0.5 : 1;

  it("gives the slope of its loss by each margin", () => {
    const pairs = new Float32Array(2 * margins.length);
    objective.derive({ margins, labels: labels[target], weights }, pairs);
    margins.forEach((_, i) => {
      const step = 2 ** -8;
      const lossAt = (change: number) =>
        objective.loss({ margins: margins.with(i, margins[i]! + change), labels: labels[target], weights });
      const slope = ((lossAt(step) - lossAt(-step)) / (2 * step)) * totalWeight * factor;
      expect(pairs[2 * i]).toBeCloseTo(slope, 3);
      expect(pairs[2 * i + 1]).toBeGreaterThan(0);
    });
  });

  it("begins where the slopes add up to nothing", () => {
    const base = objective.baseMargins(labels[target], weights);
    const pairs = new Float32Array(2 * margins.length);
    const constant = Float32Array.from(
      { length: marginCount * rowCount },
      (_, i) => base[Math.floor(i / rowCount)]!,
    );
    objective.derive({ margins: constant, labels: labels[target], weights }, pairs);
    for (let k = 0; k < marginCount; k += 1) {
      let sum = 0;
      for (let row = 0; row < rowCount; row += 1) sum += pairs[2 * (k * rowCount + row)]!;
      expect(sum).toBeCloseTo(0, 5);
    }
  });
});

describe("losses", () => {
  it("stay finite at extreme margins", () => {
    const extreme = Float32Array.of(-500, 500);
    const wrong = Float32Array.of(1, 0);
    expect(
      objectiveOf("binary", 2).loss({ margins: extreme, labels: wrong, weights: undefined }),
    ).toBeCloseTo(500);
    const margins = Float32Array.of(500, -500, -500, 500);
    expect(objectiveOf("multiclass", 2).loss({ margins, labels: wrong, weights: undefined })).toBeLessThan(
      40,
    );
  });

  it("begin finite with a class that has no rows", () => {
    const base = objectiveOf("multiclass", 3).baseMargins(Float32Array.of(0, 0, 1), undefined);
    expect(base.every(Number.isFinite)).toBe(true);
  });
});

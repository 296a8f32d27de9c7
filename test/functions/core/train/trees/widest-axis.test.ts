import { expect, it } from "vitest";
import { widestAxis } from "../../../../../functions/core/train/trees/widest-axis.ts";

it("finds the direction in which points differ most", () => {
  const points = [
    [3, 4],
    [-3, -4],
    [0.4, -0.3],
    [-0.4, 0.3],
  ].map((point) => Float64Array.from(point));
  const axis = widestAxis(points, Float64Array.of(1, 1, 1, 1));
  expect(axis[0]).toBeCloseTo(0.6, 10);
  expect(axis[1]).toBeCloseTo(0.8, 10);
});

it("counts each point by its weight, round the weighted centre", () => {
  // Two heavy points along the second axis outweigh two far ones along the first.
  const points = [
    Float64Array.of(2, 0),
    Float64Array.of(-2, 0),
    Float64Array.of(0, 1),
    Float64Array.of(0, -1),
  ];
  expect(widestAxis(points, Float64Array.of(1, 1, 1, 1))[0]).toBeCloseTo(1, 10);
  expect(widestAxis(points, Float64Array.of(1, 1, 9, 9))[1]).toBeCloseTo(1, 10);
});

it("gives nothing where points do not differ", () => {
  expect([...widestAxis([Float64Array.of(1, 2), Float64Array.of(1, 2)], Float64Array.of(1, 1))]).toEqual([
    0, 0,
  ]);
});

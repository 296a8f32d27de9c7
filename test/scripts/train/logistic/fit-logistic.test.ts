import { describe, expect, it } from "vitest";
import { fitLogistic, logOdds } from "../../../../scripts/train/logistic/fit-logistic.ts";
import {
  type LogisticRows,
  logisticRows,
  standardsOf,
} from "../../../../scripts/train/logistic/logistic-rows.ts";
import { madeExamples, terms } from "./example-table.ts";

const precise = { tolerance: 1e-8, maxIterations: 1_000 };

function made(count: number): LogisticRows {
  const table = madeExamples(count);
  return logisticRows(table, terms, standardsOf(table, terms));
}

/** Every row as the dense vector that the weights stand before: 1, the numbers, a 1 at each category's place. */
function dense(rows: LogisticRows): number[][] {
  return Array.from({ length: rows.count }, (_, row) => {
    const vector = [1, ...new Array<number>(rows.numberCount + rows.tableSize).fill(0)];
    for (let i = 0; i < rows.numberCount; i += 1) vector[1 + i] = rows.numbers[row * rows.numberCount + i]!;
    for (let i = 0; i < rows.categoryCount; i += 1)
      vector[1 + rows.numberCount + rows.categories[row * rows.categoryCount + i]!] = 1;
    return vector;
  });
}

/** The same problem by Newton's method with Gaussian elimination. */
function newton(rows: LogisticRows, l2: number): number[] {
  const x = dense(rows);
  let weights = x[0]!.map(() => 0);
  for (let round = 0; round < 30; round += 1) {
    const gradient = weights.map((weight, i) => (i === 0 ? 0 : l2 * weight));
    const hessian = weights.map((_, i) => weights.map((__, j) => (i === j && i > 0 ? l2 : 0)));
    x.forEach((vector, row) => {
      const score = vector.reduce((sum, each, i) => sum + each * weights[i]!, 0);
      const probability = 1 / (1 + Math.exp(-score));
      vector.forEach((a, i) => {
        if (a === 0) return;
        gradient[i]! += a * (probability - rows.labels[row]!);
        vector.forEach((b, j) => {
          hessian[i]![j]! += a * b * probability * (1 - probability);
        });
      });
    });
    const step = solve(hessian, gradient);
    weights = weights.map((weight, i) => weight - step[i]!);
  }
  return weights;
}

function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let at = 0; at < rows.length; at += 1) {
    const pivot = rows
      .slice(at)
      .reduce((best, row) => (Math.abs(row[at]!) > Math.abs(best[at]!) ? row : best));
    rows.splice(rows.indexOf(pivot), 1, rows[at]!);
    rows[at] = pivot.map((each) => each / pivot[at]!);
    rows.forEach((row, i) => {
      if (i !== at) rows[i] = row.map((each, j) => each - row[at]! * rows[at]![j]!);
    });
  }
  return rows.map((row) => row.at(-1)!);
}

describe("fitLogistic", () => {
  it("without a penalty gives a category's own log-odds", () => {
    // 3 of 4 at the first place, 1 of 5 at the second.
    const rows: LogisticRows = {
      count: 9,
      numbers: new Float32Array(),
      numberCount: 0,
      categories: Uint32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 1),
      categoryCount: 1,
      tableSize: 2,
      labels: Uint8Array.of(1, 1, 1, 0, 1, 0, 0, 0, 0),
    };

    const { bias, table, isConverged } = fitLogistic(rows, { ...precise, l2: 0 });

    expect(isConverged).toBe(true);
    expect(bias + table[0]!).toBeCloseTo(Math.log(3), 7);
    expect(bias + table[1]!).toBeCloseTo(Math.log(1 / 4), 7);
  });

  it("agrees with Newton's method on numbers, categories and a cross", () => {
    const rows = made(400);

    const { bias, numbers, table, isConverged } = fitLogistic(rows, { ...precise, l2: 0.7 });

    expect(isConverged).toBe(true);
    const expected = newton(rows, 0.7);
    const differences = [bias, ...numbers, ...table].map((weight, i) => Math.abs(weight - expected[i]!));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  it("keeps the weight of a place that no row is at at zero", () => {
    const rows = made(200);
    const used = new Set(rows.categories);

    const { table } = fitLogistic(rows, { l2: 1 });

    const unused = [...table].filter((_, place) => !used.has(place));
    expect(unused.length).toBeGreaterThan(0);
    expect(unused.every((weight) => weight === 0)).toBe(true);
  });

  it("gives weights that the penalty draws to zero, and bit for bit the same ones again", () => {
    const rows = made(300);
    const [weak, strong, again] = [0.1, 100, 100].map((l2) => fitLogistic(rows, { l2 }));

    const size = (weights: Float64Array) => Math.hypot(...weights);
    expect(size(strong!.numbers)).toBeLessThan(size(weak!.numbers) / 2);
    expect(strong).toEqual(again);
  });

  it("scores a row by what stands before each of its parts", () => {
    const rows = made(50);
    const fit = fitLogistic(rows, { l2: 1 });
    const weights = [fit.bias, ...fit.numbers, ...fit.table];

    const expected = dense(rows).map((vector) =>
      vector.reduce((sum, each, i) => sum + each * weights[i]!, 0),
    );
    [...logOdds(rows, fit)].forEach((score, i) => {
      expect(score).toBeCloseTo(expected[i]!, 12);
    });
  });
});

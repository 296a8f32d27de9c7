import { describe, expect, it } from "vitest";
import { logisticRows, standardsOf } from "../../../../scripts/train/logistic/logistic-rows.ts";
import { layOut, slotOf } from "../../../../scripts/train/logistic/logistic-terms.ts";
import { madeExamples, terms } from "./example-table.ts";

describe("logisticRows", () => {
  it("gives numbers mean 0 and deviation 1, and one that never varies 0", () => {
    const table = madeExamples(1_000);
    for (let row = 0; row < table.count; row += 1) table.values[row * 5 + 3] = 7;
    const numeric = { numbers: ["wait", "unused", "miles"], categories: [] };

    const { numbers } = logisticRows(table, numeric, standardsOf(table, numeric));

    for (const at of [0, 2]) {
      const column = Array.from({ length: 1_000 }, (_, row) => numbers[row * 3 + at]!);
      expect(column.reduce((sum, each) => sum + each, 0) / 1_000).toBeCloseTo(0, 5);
      expect(column.reduce((sum, each) => sum + each * each, 0) / 1_000).toBeCloseTo(1, 5);
    }
    expect(new Set(numbers.filter((_, i) => i % 3 === 1))).toEqual(new Set([0]));
  });

  it("gives every combination of values a place of its own, and every category places of its own", () => {
    const { places, tableSize } = layOut(terms);
    const seen = new Map<number, string>();
    places.forEach(({ firstPlace, columns }, category) => {
      for (let hour = -1; hour <= 3; hour += 1) {
        for (let port = -1; port <= 4; port += 1) {
          const values: Record<string, number> = { hour, port };
          const place = columns.reduce(
            (sum, column) => sum + column.stride * slotOf(values[column.name]!, column),
            firstPlace,
          );
          const meaning = `${category} ${columns.map(({ name }) => values[name]).join()}`;
          expect(seen.get(place) ?? meaning).toBe(meaning);
          seen.set(place, meaning);
        }
      }
    });
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: tableSize }, (_, i) => i));
  });

  it("says which column is not there", () => {
    const table = madeExamples(3);
    const odd = { numbers: ["weight"], categories: [] };

    expect(() => standardsOf(table, odd)).toThrow(
      /^feature "weight": not among the examples' columns hour, wait/,
    );
  });
});

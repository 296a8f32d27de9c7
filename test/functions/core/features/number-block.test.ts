import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventFeature } from "../../../../functions/contract/feature.ts";
import { createFields, FieldKind } from "../../../../functions/core/decode/fields.ts";
import { compileColumn } from "../../../../functions/core/features/column.ts";
import { elementStores } from "../../../../functions/core/features/element-store.ts";
import { compileNumberBlock, isPlainNumber } from "../../../../functions/core/features/number-block.ts";

const bound = fc.option(fc.constantFrom(-1e300, -3.4028234663852886e38, -2, -1, 0, 1, 2, 1e300), {
  nil: undefined,
});
const feature = fc
  .record({ min: bound, max: bound, default: bound })
  .map((rest): EventFeature => ({ from: "x", ...rest }));
const cell = fc.record({
  kind: fc.constantFrom(...Object.values(FieldKind)),
  number: fc.oneof(
    fc.double(),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(3.4028234663852886e38, 3.5e38),
  ),
});

describe("a block of plain numbers", () => {
  it("takes, refuses and writes what its columns do one by one", () => {
    const rows = fc.array(fc.tuple(feature, cell), { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.nat(2), (columns, row) => {
        const fields = createFields(columns.map((_, i) => ({ path: [`f${i}`] })));
        columns.forEach(([, { kind, number }], i) => {
          fields.kinds[i] = kind;
          fields.numbers[i] = number;
        });
        // Back to front, so that a column's place is not its field's.
        const placed = columns.map(([each], i) => ({
          feature: each,
          field: i,
          column: columns.length - 1 - i,
        }));
        const width = columns.length;
        const [got, expected] = [new Float32Array(3 * width), new Float32Array(3 * width)];
        const answers = placed.map(({ feature, field, column }) =>
          compileColumn({ name: "x", feature, field, element: elementStores.float32 }).write(
            fields,
            expected,
            row * width + column,
          ),
        );
        expect(compileNumberBlock(placed, width).write(fields, got, row)).toBe(!answers.includes(false));
        if (!answers.includes(false)) expect(got).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes in features that are read as a number and nothing else", () => {
    expect(isPlainNumber({ from: "x" })).toBe(true);
    expect(isPlainNumber({ from: "x", as: "number", min: 0, default: 1 })).toBe(true);
    expect(isPlainNumber({ from: "x", as: ["number"] })).toBe(true);
    expect(isPlainNumber({ from: "x", as: ["number", { log: { plus: 1 } }] })).toBe(false);
    expect(isPlainNumber({ from: "x", as: { scale: { min: 0, max: 1 } } })).toBe(false);
    expect(isPlainNumber({ from: "x", as: "hourOfDay" })).toBe(false);
    expect(isPlainNumber({ from: "x", shape: [2] })).toBe(false);
  });
});

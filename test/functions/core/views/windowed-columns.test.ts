import { describe, expect, it } from "vitest";
import type { ViewFeature } from "../../../../functions/contract/feature.ts";
import { createRowBuffers } from "../../../../functions/core/features/row-buffers.ts";
import { layoutRows } from "../../../../functions/core/features/row-layout.ts";
import type { TensorType } from "../../../../functions/core/inference/tensor.ts";
import { compileWindowedColumns } from "../../../../functions/core/views/windowed-columns.ts";

function compile(feature: Partial<ViewFeature>, type: TensorType = "float32") {
  const whole = { view: "v", agg: "mean", over: "1h", default: 0, ...feature } as const;
  const windowed = {
    ...{ name: "f", feature: whole, lookup: 0, agg: whole.agg, windowMs: 3_600_000 },
    fallback: whole.default ?? 0,
  };
  const { layout } = layoutRows(
    [
      { name: "plain", width: 1 },
      { name: "f", width: 1 },
    ],
    [{ name: "x", type, shape: [null, 2] }],
  );
  const buffers = createRowBuffers(layout, 3);
  const { columns, problems } = compileWindowedColumns(
    [windowed],
    [{ feature: 1, input: 0, column: 1, width: 2, type }],
  );
  const write = (value: number) => columns.write(Float64Array.of(value), buffers, 1);
  return { columns, problems, write, array: buffers.arrays[0]! };
}

describe("windowed columns", () => {
  it("write each feature into its column of the row, and nothing else", () => {
    const { write, array, problems } = compile({});
    expect(problems).toEqual([]);
    expect(write(2.5)).toBe(true);
    expect([...array]).toEqual([0, 0, 0, 2.5, 0, 0]);
  });

  it("take the default for an empty window, through the transforms", () => {
    const { write, array } = compile({
      default: 7,
      as: [{ scale: { min: 0, max: 10 } }, { clip: { max: 0.5 } }],
    });
    expect(write(Number.NaN)).toBe(true);
    expect(array[3]).toBe(0.5);
    expect(write(2)).toBe(true);
    expect(array[3]).toBeCloseTo(0.2);
  });

  it("refuse a value that the model's input cannot hold, and say why", () => {
    const { write, columns, array } = compile({}, "int32");
    expect(write(2)).toBe(true);
    expect(write(2.5)).toBe(false);
    expect(array[3]).toBe(2);
    expect(columns.explain(Float64Array.of(2))).toEqual([]);
    expect(columns.explain(Float64Array.of(2.5))).toEqual([
      {
        code: "input.range",
        message:
          'feature "f": got 2.5 as the mean over 1h of view "v", expected a whole number from -2147483648 to 2147483647; clip the feature',
      },
    ]);
  });

  it("refuse what a transform gives no value for", () => {
    const { write, columns } = compile({ default: 1, as: { log: { plus: 0 } } });
    expect(write(-1)).toBe(false);
    expect(columns.explain(Float64Array.of(-1))[0]!.message).toContain(
      "whose transform gives no value the model can take",
    );
  });

  it("refuse a declaration whose default could never be served, or whose input is text", () => {
    expect(compile({ default: 0.5 }, "int32").problems).toEqual([
      expect.stringMatching(/^feature "f": default 0.5, transformed, is not what the model's input holds/),
    ]);
    expect(compile({}, "string").problems).toEqual([
      'feature "f": a windowed feature is a number and the model\'s input holds text; feed it to another input',
    ]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRowBuffers } from "../../../../functions/core/features/row-buffers.ts";
import { layoutRows } from "../../../../functions/core/features/row-layout.ts";
import { type NumericType, numericArrays } from "../../../../functions/core/inference/tensor.ts";
import { createRowDecoder } from "../../../../functions/core/outcome/row-decoder.ts";
import { parseLayout, storedLayoutOf } from "../../../../functions/core/outcome/stored-layout.ts";

const types = Object.keys(numericArrays) as NumericType[];
const whole: Readonly<Record<string, { min: number; max: number }>> = {
  int8: { min: -128, max: 127 },
  uint8: { min: 0, max: 255 },
  int16: { min: -32_768, max: 32_767 },
  uint16: { min: 0, max: 65_535 },
  int32: { min: -(2 ** 31), max: 2 ** 31 - 1 },
  uint32: { min: 0, max: 2 ** 32 - 1 },
  int64: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
  uint64: { min: 0, max: Number.MAX_SAFE_INTEGER },
  bool: { min: 0, max: 1 },
};

function elementOf(type: NumericType): fc.Arbitrary<number> {
  if (type === "float64") return fc.double({ noNaN: true });
  if (type === "float32") return fc.float({ noNaN: true });
  return fc.integer(whole[type]!);
}

/** Inputs of a type each, and on each the features that fill it: their widths, and the values of one row. */
const rows = fc.array(
  fc.constantFrom(...types).chain((type) =>
    fc.record({
      type: fc.constant(type),
      features: fc.array(fc.array(elementOf(type), { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  ),
  { minLength: 1, maxLength: 4 },
);

describe("a stored row", () => {
  it("gives back by name what the row buffers held, whatever the types and the widths", () => {
    fc.assert(
      fc.property(rows, (inputs) => {
        const features = inputs.flatMap(({ features: each }, input) =>
          each.map((values, i) => ({ name: `f${input}.${i}`, values, input })),
        );
        const { layout } = layoutRows(
          features.map(({ name, values, input }) => ({ name, width: values.length, input: `i${input}` })),
          inputs.map(({ type }, i) => ({ name: `i${i}`, type, shape: [null, null] })),
        );
        const buffers = createRowBuffers(layout, 3);
        features.forEach(({ values }, i) => {
          const { input, column } = layout.placements[i]!;
          const array = buffers.arrays[input]! as { [index: number]: number | bigint };
          const isBig = /64$/.test(layout.inputs[input]!.type) && layout.inputs[input]!.type !== "float64";
          values.forEach((value, j) => {
            array[layout.inputs[input]!.width + column + j] = isBig ? BigInt(value) : value;
          });
        });
        const declared = { features: Object.fromEntries(features.map(({ name }) => [name, { from: name }])) };
        const stored = storedLayoutOf(declared, layout)!;
        const reread = parseLayout(Buffer.from(JSON.stringify(stored)), "layout.json");
        const expected = features.map(({ name, values }) => [name, values.length === 1 ? values[0] : values]);
        expect(createRowDecoder(reread).decode(buffers.copyBytes(1, 2))).toEqual(
          Object.fromEntries(expected),
        );
      }),
    );
  });

  it("is not read by a layout of another size", () => {
    const decoder = createRowDecoder({
      schemaVersion: 1,
      inputs: [{ type: "float64", width: 2 }],
      features: [{ name: "a", input: 0, column: 0, width: 2 }],
    });
    expect(decoder.decode(new Uint8Array(16))).toEqual({ a: [0, 0] });
    expect(decoder.decode(new Uint8Array(15))).toBeUndefined();
    expect(decoder.decode(new Uint8Array(0))).toBeUndefined();
  });

  it("of text has no layout", () => {
    const { layout } = layoutRows(
      [{ name: "a", width: 1 }],
      [{ name: "i", type: "string", shape: [null, 1] }],
    );
    expect(storedLayoutOf({ features: { a: { from: "a" } } }, layout)).toBeUndefined();
  });
});

describe("a layout", () => {
  it.each(["", "{}", '{"schemaVersion":2,"inputs":[],"features":[]}'])("of %j is refused", (text) => {
    expect(() => parseLayout(Buffer.from(text), "models/m/d/layout.json")).toThrow(
      "models/m/d/layout.json: not a layout for this release; publish the package again",
    );
  });
});

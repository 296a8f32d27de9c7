import { describe, expect, it } from "vitest";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import { FieldKind } from "../../../../functions/core/decode/fields.ts";

describe("field index", () => {
  it("gathers each path once, in the order asked for", () => {
    const index = createFieldIndex();
    expect([index.fieldOf("a"), index.fieldOf("b.c"), index.fieldOf("a"), index.fieldOf("b")]).toEqual([
      0, 1, 0, 2,
    ]);
    expect(index.specs).toEqual([{ path: ["a"] }, { path: ["b", "c"] }, { path: ["b"] }]);
  });

  it("tells a scalar from a tensor, and tensors by their shape", () => {
    const index = createFieldIndex();
    const positions = [undefined, [4], [2, 2], [4], [22]].map((shape) => index.fieldOf("v", shape));
    expect(positions).toEqual([0, 1, 2, 1, 3]);
    expect(index.specs[2]).toEqual({ path: ["v"], shape: [2, 2] });
  });

  it.each([
    ["two shapes", [[4], [2, 2]]],
    ["a tensor and a scalar", [[4], undefined]],
    ["a scalar and a tensor", [undefined, [2, 2]]],
  ])(
    "reads one path into every field that asks for it, from the first event to the last: %s",
    (_, shapes) => {
      const index = createFieldIndex();
      for (const shape of shapes) index.fieldOf("v", shape);
      const reader = createEventReader(index.specs);
      for (let i = 0; i < 3; i++) {
        reader.read(Buffer.from(`{"v":[1,2,3,${i}]}`));
        shapes.forEach((shape, field) => {
          expect(reader.fields.kinds[field]).toBe(shape === undefined ? FieldKind.other : FieldKind.tensor);
          if (shape !== undefined) expect([...reader.fields.tensors[field]!]).toEqual([1, 2, 3, i]);
        });
      }
    },
  );
});

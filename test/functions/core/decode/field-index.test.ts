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

  it("reads one path into every field that asks for it, from the first event to the last", () => {
    const index = createFieldIndex();
    index.fieldOf("v", [4]);
    index.fieldOf("v", [2, 2]);
    index.fieldOf("v");
    const reader = createEventReader(index.specs);
    for (let i = 0; i < 3; i++) {
      reader.read(Buffer.from(`{"v":[1,2,3,${i}]}`));
      expect([...reader.fields.kinds]).toEqual([FieldKind.tensor, FieldKind.tensor, FieldKind.other]);
      expect([...reader.fields.tensors[0]!]).toEqual([1, 2, 3, i]);
      expect([...reader.fields.tensors[1]!]).toEqual([1, 2, 3, i]);
    }
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flattenTensor } from "../../../../functions/core/protocol/flatten-tensor.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });

/** Lists nested by `shape` whose elements count up from 0, built from the inside out. */
function counted(shape: readonly number[]): unknown[] {
  const size = shape.reduce((product, each) => product * each, 1);
  let lists: unknown[] = Array.from({ length: size }, (_, i) => i);
  for (const width of shape.slice(1).reverse()) {
    lists = Array.from({ length: lists.length / width }, (_, i) => lists.slice(i * width, (i + 1) * width));
  }
  return lists;
}

describe("flattenTensor", () => {
  it("reads nested lists row by row, and flat ones as they are", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const nested = counted(shape);
        const flat = nested.flat(Number.POSITIVE_INFINITY);
        expect(flattenTensor(nested, shape)).toEqual(flat.map((_, i) => i));
        expect(flattenTensor(flat, shape)).toEqual(flat);
      }),
    );
  });

  it.each<[string, unknown, number[]]>([
    ["no list", 1, [1]],
    ["an object", { 0: 1, length: 1 }, [1]],
    ["too few elements", [1], [2]],
    ["too many elements", [1, 2, 3], [2]],
    ["too short a row", [[1, 2], [3]], [2, 2]],
    ["too deep", [[[1], [2]]], [1, 2]],
    ["half nested", [[1, 2], 3, 4], [2, 2]],
    ["half flat", [1, 2, [3, 4]], [2, 2]],
    ["a list for an element", [1, [2]], [2]],
    ["a list for a nested element", [[1, [2]]], [1, 2]],
    ["another axis", [[1], [2], [3]], [1, 3]],
  ])("refuses %s", (_, data, shape) => {
    expect(flattenTensor(data, shape)).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFields, describeField, FieldKind } from "../../../../functions/core/decode/fields.ts";
import { fillFromJson, flattenInto } from "../../../../functions/core/decode/json-fields.ts";

function flatten(value: unknown, shape: readonly number[]): number[] | undefined {
  const target = new Float64Array(shape.reduce((product, each) => product * each, 1));
  return flattenInto(value, shape, target) ? [...target] : undefined;
}

/** `flat` nested as `shape` says: the plain definition of row-major. */
function nest(flat: readonly number[], [size, ...rest]: readonly number[]): unknown {
  if (size === undefined) return flat[0];
  const step = flat.length / size;
  return Array.from({ length: size }, (_, i) => nest(flat.slice(i * step, (i + 1) * step), rest));
}

describe("flattenInto", () => {
  it("reads every shape, nested or flat, row-major", () => {
    const shaped = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((product, each) => product * each, 1);
      return fc.tuple(fc.constant(shape), fc.array(fc.double(), { minLength: size, maxLength: size }));
    });
    fc.assert(
      fc.property(shaped, ([shape, flat]) => {
        expect(flatten(nest(flat, shape), shape)).toEqual(flat);
        expect(flatten(flat, shape)).toEqual(flat);
        expect(flatten([...flat, 1], shape)).toBeUndefined();
        expect(flatten(flat.slice(1), shape)).toBeUndefined();
      }),
    );
  });

  it.each([
    ["a number", 1, [1]],
    ["a string", "1,2", [2]],
    ["an object with a length", { length: 1, 0: 1 }, [1]],
    ["no elements", [], [2]],
    ["one too few in a row", [[1, 2], [3]], [2, 2]],
    [
      "one row too many",
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [2, 2],
    ],
    [
      "the axes swapped",
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [2, 3],
    ],
    ["flat and nested mixed", [1, [2, 3]], [3]],
    ["nested once too deep", [[[1], [2]]], [1, 2]],
    ["text among numbers", [1, "2"], [2]],
    ["null among numbers", [[1, null]], [1, 2]],
    ["true among numbers", [1, true], [2]],
  ])("refuses %s", (_, value, shape) => {
    expect(flatten(value, shape)).toBeUndefined();
  });
});

describe("fillFromJson", () => {
  it("says of each path what stands there", () => {
    const event = { t: true, f: false, n: -0.5, s: "x", z: null, o: {}, l: [1], deep: { er: 3 } };
    const specs = ["t", "f", "n", "s", "z", "o", "l", "absent", "deep.er", "s.length", "l.0"].map((path) => ({
      path: path.split("."),
    }));
    const fields = createFields(specs);
    fillFromJson(event, specs, fields);
    const { true: yes, false: no, number, string, null: nothing, other, missing } = FieldKind;
    expect([...fields.kinds]).toEqual([
      yes,
      no,
      number,
      string,
      nothing,
      other,
      other,
      missing,
      number,
      missing,
      missing,
    ]);
    expect(specs.map((_, field) => describeField(fields, field))).toEqual([
      "true",
      "false",
      "-0.5",
      '"x"',
      "null",
      "an object",
      "a list of 1",
      "nothing",
      "3",
      "nothing",
      "nothing",
    ]);
  });

  it("describes a tensor by its size, and cuts long text", () => {
    const specs = [{ path: ["v"], shape: [2] }, { path: ["s"] }];
    const fields = createFields(specs);
    fillFromJson({ v: [1, 2], s: "x".repeat(500) }, specs, fields);
    expect(describeField(fields, 0)).toBe("a list of 2 numbers");
    expect(describeField(fields, 1)).toHaveLength(48);
  });
});

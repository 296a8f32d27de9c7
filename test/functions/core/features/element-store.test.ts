import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementStores } from "../../../../functions/core/features/element-store.ts";
import { encodeValue } from "./encode-event.ts";

describe("element stores", () => {
  it.each([
    ["int8", -128, 127],
    ["uint8", 0, 255],
    ["int16", -32768, 32767],
    ["uint16", 0, 65535],
    ["int32", -2147483648, 2147483647],
    ["uint32", 0, 4294967295],
    ["bool", 0, 1],
  ] as const)("keep %s between %i and %i, whole", (type, min, max) => {
    expect(encodeValue({}, String(min), type)).toEqual([min]);
    expect(encodeValue({}, String(max), type)).toEqual([max]);
    for (const outside of [min - 1, max + 1, 0.5]) {
      expect(encodeValue({}, String(outside), type)).toEqual({
        code: "input.range",
        message: `feature "x": got ${outside}, expected a whole number from ${min} to ${max}; fix the producer or clip the feature`,
      });
    }
  });

  it("keep int64 exactly, as far as a JSON number is exact", () => {
    expect(encodeValue({}, "9007199254740991", "int64")).toEqual([9007199254740991n]);
    expect(encodeValue({}, "-9007199254740991", "int64")).toEqual([-9007199254740991n]);
    expect(encodeValue({}, "-0", "int64")).toEqual([0n]);
    for (const json of ["9007199254740992", "0.5", "1e999"])
      expect(encodeValue({}, json, "int64")).toMatchObject({
        code: "input.range",
        message: expect.stringContaining("expected a whole number within ±9007199254740991"),
      });
  });

  it("take what float32 holds, rounded to the nearest, and refuse what would become infinite", () => {
    const greatest = (2 - 2 ** -23) * 2 ** 127;
    expect(encodeValue({}, String(greatest), "float32")).toEqual([greatest]);
    expect(encodeValue({}, String(-greatest), "float32")).toEqual([-greatest]);
    expect(encodeValue({}, "0.1", "float32")).toEqual([Math.fround(0.1)]);
    for (const json of ["3.41e38", "-3.41e38", "1e300", "1e999"])
      expect(encodeValue({}, json, "float32")).toMatchObject({
        code: "input.range",
        message: expect.stringContaining(`expected a number within ±${greatest}`),
      });
    expect(encodeValue({}, "1e300", "float64")).toEqual([1e300]);
  });

  it("store a value exactly as a typed array would, or not at all", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(["float32", "int8", "uint8", "int16", "uint16", "int32", "uint32"] as const)),
        fc.oneof(fc.double(), fc.integer(), fc.integer({ min: -300, max: 300 })),
        (type, value) => {
          const view = {
            float32: Float32Array,
            int8: Int8Array,
            uint8: Uint8Array,
            int16: Int16Array,
            uint16: Uint16Array,
            int32: Int32Array,
            uint32: Uint32Array,
          }[type];
          const target = new view([42]);
          const kept = view.of(value)[0]!;
          const isSound =
            type === "float32"
              ? Number.isFinite(kept) && Math.abs(value) <= 3.4028234663852886e38
              : kept === value;
          expect(elementStores[type].store(target, 0, value)).toBe(isSound);
          expect(target[0]).toBe(isSound ? (kept === 0 && type !== "float32" ? 0 : kept) : 42);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

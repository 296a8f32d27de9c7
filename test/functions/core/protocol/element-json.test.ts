import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ElementArray } from "../../../../functions/core/features/row-buffers.ts";
import type { TensorType } from "../../../../functions/core/inference/tensor.ts";
import { elementJson } from "../../../../functions/core/protocol/element-json.ts";
import { parseLossless } from "../../../../functions/core/protocol/parse-lossless.ts";

const roomFor: Record<TensorType, () => ElementArray> = {
  float32: () => new Float32Array(1),
  float64: () => new Float64Array(1),
  int8: () => new Int8Array(1),
  uint8: () => new Uint8Array(1),
  int16: () => new Int16Array(1),
  uint16: () => new Uint16Array(1),
  int32: () => new Int32Array(1),
  uint32: () => new Uint32Array(1),
  int64: () => new BigInt64Array(1),
  uint64: () => new BigUint64Array(1),
  bool: () => new Uint8Array(1),
  string: () => [""],
};

/** What stands in the tensor after reading one element from JSON text; undefined where it is refused. */
function read(type: TensorType, json: string): unknown {
  const room = roomFor[type]();
  const [value] = parseLossless(`[${json}]`) as unknown[];
  return elementJson[type].read(room, 0, value) ? room[0] : undefined;
}

const finite = { noNaN: true, noDefaultInfinity: true };
const values: Record<TensorType, fc.Arbitrary<number | bigint | string>> = {
  float32: fc.float(finite),
  float64: fc.double(finite),
  int8: fc.integer({ min: -128, max: 127 }),
  uint8: fc.integer({ min: 0, max: 255 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int32: fc.integer(),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  bool: fc.constantFrom(0, 1),
  string: fc.string({ unit: "binary" }),
};

describe("elements as JSON", () => {
  it.each(Object.keys(values) as TensorType[])("come back as they went out: %s", (type) => {
    const { write } = elementJson[type];
    fc.assert(
      fc.property(values[type], (value) => {
        const data = roomFor[type]();
        (data as unknown[])[0] = value;
        const text = write(data, 0);
        // The platform's own parser takes it, so every client's does.
        JSON.parse(text);
        expect(read(type, text)).toBe(data[0]);
      }),
      { numRuns: 2_000, examples: [] },
    );
  });

  it.each<[TensorType, string, unknown]>([
    ["int64", "9223372036854775807", 9223372036854775807n],
    ["int64", "-9223372036854775808", -9223372036854775808n],
    ["int64", "9007199254740993", 9007199254740993n],
    ["int64", '"9223372036854775807"', 9223372036854775807n],
    ["int64", '"-42"', -42n],
    ["int64", "1e3", 1000n],
    ["uint64", "18446744073709551615", 18446744073709551615n],
    ["uint64", '"18446744073709551615"', 18446744073709551615n],
    ["float64", "9007199254740993", 9007199254740992],
    ["float64", "123456789012345678901234567890", 123456789012345680000000000000],
    ["float32", "0.1", Math.fround(0.1)],
    ["bool", "true", 1],
    ["string", '"a\\u0000é"', "a\u0000é"],
  ])("are read without loss: %s from %s", (type, json, expected) => {
    expect(read(type, json)).toBe(expected);
  });

  it.each<[TensorType, string]>([
    ["int64", "9223372036854775808"],
    ["int64", "-9223372036854775809"],
    ["int64", "1.5"],
    ["int64", "1e18"],
    ["int64", '"1.0"'],
    ["int64", '""'],
    ["int64", '" 1"'],
    ["int64", '"0x10"'],
    ["int64", "true"],
    ["int64", "123456789012345678901234567890"],
    ["uint64", "-1"],
    ["uint64", "18446744073709551616"],
    ["int8", "128"],
    ["int8", "1.5"],
    ["uint8", "-1"],
    ["int32", '"1"'],
    ["int32", "9007199254740993"],
    ["uint32", "4294967296"],
    ["float32", "3.5e38"],
    ["float32", "null"],
    ["float32", '"NaN"'],
    ["float32", "[1]"],
    ["float64", "1e999"],
    ["bool", "1"],
    ["bool", '"true"'],
    ["string", "1"],
    ["string", "null"],
    ["string", '"\\ud800"'],
  ])("are refused where the type cannot hold them: %s from %s", (type, json) => {
    expect(read(type, json)).toBeUndefined();
  });

  it("are null where a number is not finite, and keep the sign of zero", () => {
    const data = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0);
    expect([...data.keys()].map((i) => elementJson.float32.write(data, i))).toEqual([
      "null",
      "null",
      "null",
      "-0",
      "0",
    ]);
  });
});

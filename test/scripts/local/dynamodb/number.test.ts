import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addNumbers,
  canonicalNumber,
  numberSizeBytes,
  sortableNumber,
} from "../../../../scripts/local/dynamodb/number.ts";

/** A coefficient and a power of ten, as two numbers that JavaScript computes with exactly. */
const parts = fc.tuple(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), fc.integer({ min: -9, max: 9 }));
const textOf = ([coefficient, exponent]: [bigint, number]) => `${coefficient}e${exponent}`;
/** In units of 10^-9. */
const exact = ([coefficient, exponent]: [bigint, number]) => coefficient * 10n ** BigInt(exponent + 9);

describe("numbers", () => {
  it.each([
    ["0", "0"],
    ["-0.00", "0"],
    ["+7", "7"],
    ["007.50", "7.5"],
    [".5", "0.5"],
    ["5.", "5"],
    ["1E3", "1000"],
    ["-12.5e-3", "-0.0125"],
    ["1e125", `1${"0".repeat(125)}`],
    ["1e-130", `0.${"0".repeat(129)}1`],
    ["12345678901234567890123456789012345678", "12345678901234567890123456789012345678"],
  ])("write %s as %s", (text, canonical) => {
    expect(canonicalNumber(text)).toBe(canonical);
  });

  it.each(["", ".", "e5", "1e", "0x10", " 1", "1 ", "NaN", "Infinity", "--1", "1_000", "0".repeat(1001)])(
    "refuse %j",
    (text) => {
      expect(() => canonicalNumber(text)).toThrow(/cannot be converted to a numeric value/);
    },
  );

  it("sort as their texts do", () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const [left, right] = [a, b].map((each) => sortableNumber(canonicalNumber(textOf(each)))) as [
          string,
          string,
        ];
        expect(Math.sign(left < right ? -1 : left > right ? 1 : 0)).toBe(
          exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("sort over their whole range", () => {
    const ascending = [
      "-1e125",
      "-1.5",
      "-1.25",
      "-1",
      "-1e-130",
      "0",
      "1e-130",
      "1",
      "1.25",
      "1.5",
      "1e125",
    ];
    const texts = ascending.map((each) => sortableNumber(canonicalNumber(each)));
    expect(texts.toSorted()).toEqual(texts);
  });

  it("add and subtract without loss", () => {
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (a, b, subtract) => {
        const sum = subtract ? exact(a) - exact(b) : exact(a) + exact(b);
        expect(addNumbers(textOf(a), textOf(b), { subtract })).toBe(canonicalNumber(`${sum}e-9`));
      }),
    );
  });

  it("refuse a sum of more digits than are kept", () => {
    expect(() => addNumbers("1e37", "0.1")).toThrow(/more than 38 significant digits/);
    expect(addNumbers("1e37", "1")).toBe(`1${"0".repeat(36)}1`);
  });

  // AWS: about a byte for two significant digits and one more, zeros at either end trimmed.
  it.each([
    ["0", 1],
    ["7", 2],
    ["1700000000", 2],
    ["1234", 3],
    ["123.4", 4],
    ["12345", 4],
    ["-12345", 5],
  ])("take, as %s, %i bytes", (text, sizeBytes) => {
    expect(numberSizeBytes(text)).toBe(sizeBytes);
  });
});

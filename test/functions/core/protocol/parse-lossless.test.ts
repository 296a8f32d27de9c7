import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../../functions/core/errors.ts";
import { parseLossless } from "../../../../functions/core/protocol/parse-lossless.ts";

describe("parseLossless", () => {
  it("gives what JSON.parse gives where no number is rounded", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = JSON.parse(text) as unknown;
        const rounded = JSON.stringify(plain).match(/[0-9]{16}/);
        fc.pre(rounded === null);
        expect(parseLossless(text)).toEqual(plain);
      }),
    );
  });

  it("keeps all the digits of integers, wherever they stand", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n })), (integers) => {
        const read = parseLossless(`{"a":[${integers.join(",")}]}`) as { a: (number | bigint)[] };
        expect(read.a.map(BigInt)).toEqual(integers);
      }),
    );
  });

  it("leaves fractions, exponents and integers of more than 20 characters to be numbers", () => {
    const text = "[9007199254740993.0, 1e300, 1234567890123456789012, 0.1234567890123456789]";
    expect(parseLossless(text)).toEqual([
      9007199254740992, 1e300, 1.2345678901234568e21, 0.12345678901234568,
    ]);
  });

  it("is quick on an integer of a million digits", () => {
    expect(parseLossless(`[${"1".repeat(1_000_000)}]`)).toEqual([Number.POSITIVE_INFINITY]);
  });

  it.each([
    ["", /got nothing/],
    ["{", /not JSON/],
    ["[NaN]", /not JSON/],
    [`[1234567890123456${"[".repeat(10)}`, /not JSON/],
    [`${"[".repeat(200_000)}1234567890123456${"]".repeat(200_000)}`, /nested too deep/],
  ])("refuses what is not JSON: %.20s", (text, message) => {
    expect(() => parseLossless(text)).toThrow(message);
    expect(() => parseLossless(text)).toThrow(InputError);
  });
});

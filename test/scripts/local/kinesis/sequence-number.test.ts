import fc from "fast-check";
import { expect, it } from "vitest";
import {
  endingCounter,
  formatSequenceNumber,
  safeParseSequenceNumber,
} from "../../../../scripts/local/kinesis/sequence-number.ts";

const partsArbitrary = fc.record({
  shardCreatedSeconds: fc.integer({ min: 0, max: 2 ** 36 - 1 }),
  shardIndex: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  counter: fc.bigInt({ min: 0n, max: endingCounter }),
  seconds: fc.integer({ min: 0, max: 2 ** 36 - 1 }),
});

it("writes 56 digits that parse back to what they were made of", () => {
  fc.assert(
    fc.property(partsArbitrary, (parts) => {
      const text = formatSequenceNumber(parts);
      expect(text).toMatch(/^[1-9]\d{55}$/);
      expect(safeParseSequenceNumber(text)).toEqual(parts);
    }),
  );
});

it("orders by the shard's creation, then by the counter, whatever the arrival says", () => {
  fc.assert(
    fc.property(partsArbitrary, partsArbitrary, (a, b) => {
      const sameShard = { ...b, shardCreatedSeconds: a.shardCreatedSeconds, shardIndex: a.shardIndex };
      fc.pre(a.counter !== b.counter);
      expect(formatSequenceNumber(a) < formatSequenceNumber(sameShard)).toBe(a.counter < b.counter);
      fc.pre(a.shardCreatedSeconds !== b.shardCreatedSeconds);
      expect(formatSequenceNumber(a) < formatSequenceNumber(b)).toBe(
        a.shardCreatedSeconds < b.shardCreatedSeconds,
      );
    }),
  );
});

it("reads a number that AWS gave out for shard 0", () => {
  // From the example of PutRecords in the Kinesis API reference; its shard was opened in September 2014.
  const parts = safeParseSequenceNumber("49543463076548007577105092703039560359975228518395019266");
  expect(parts).toMatchObject({ shardIndex: 0, shardCreatedSeconds: 1_411_403_981 });
});

it.each([
  "",
  "17",
  "0".repeat(56),
  "9".repeat(56),
  `4${"9".repeat(56)}`,
  `-${"4".repeat(55)}`,
  "x".repeat(56),
])("refuses %j", (text) => {
  expect(safeParseSequenceNumber(text)).toBeUndefined();
});

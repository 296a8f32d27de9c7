import fc from "fast-check";
import { expect, it } from "vitest";
import { planPutRecords, putRecordsLimits } from "../../../../functions/adapters/aws/plan-put-records.ts";

const limits = { maxRecords: 5, maxCallBytes: 100, maxRecordBytes: 60 };

it("puts every row in one call, in order, or names it as oversized", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(80)), (rowBytes) => {
      const { calls, oversized } = planPutRecords(rowBytes, limits);
      expect([...calls.flat(), ...oversized].sort((a, b) => a - b)).toEqual(rowBytes.map((_, row) => row));
      expect(calls.flat()).toEqual(calls.flat().toSorted((a, b) => a - b));
      expect(oversized).toEqual(rowBytes.flatMap((bytes, row) => (bytes > 60 ? [row] : [])));
    }),
  );
});

it("keeps to the limits, and starts a call only when the last one was full", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(80)), (rowBytes) => {
      const { calls } = planPutRecords(rowBytes, limits);
      const bytesOf = (rows: readonly number[]) => rows.reduce((total, row) => total + rowBytes[row]!, 0);
      calls.forEach((rows, index) => {
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.length).toBeLessThanOrEqual(5);
        expect(bytesOf(rows)).toBeLessThanOrEqual(100);
        const next = calls[index + 1]?.[0];
        if (next !== undefined) expect(rows.length === 5 || bytesOf([...rows, next]) > 100).toBe(true);
      });
    }),
  );
});

it("keeps to what AWS and its emulators take, by default", () => {
  expect(putRecordsLimits).toEqual({ maxRecords: 500, maxCallBytes: 5_242_880, maxRecordBytes: 1_048_576 });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archiveKey, parseArchiveKey } from "../../../functions/contract/archived-event.ts";

describe("keys of the archive", () => {
  it("tell what an object covers", () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 56n }).map(String);
    const range = fc.record({
      shard: fc.constantFrom("shardId-000000000000", "shardId-000000012345"),
      first: digits,
      last: digits,
      arrivalMs: fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true }).map(Number),
    });
    fc.assert(
      fc.property(range, (given) => {
        const hour = given.arrivalMs - (given.arrivalMs % 3_600_000);
        expect(parseArchiveKey(archiveKey(given))).toEqual({ ...given, arrivalMs: hour });
      }),
    );
  });

  it.each(["archive/README", "rejects/m/events/s/1-2.ndjson.gz", "archive/2026/01/02/03/s-1-x.ndjson.gz"])(
    "are told from others: %s",
    (key) => {
      expect(parseArchiveKey(key)).toBe(undefined);
    },
  );
});

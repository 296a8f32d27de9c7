import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disaggregate } from "../../../../functions/core/decode/aggregated-record.ts";
import { InputError } from "../../../../functions/core/errors.ts";
import { aggregate } from "../../../support/aggregate.ts";

const userRecord = fc.record({
  // AWS's library, which aggregates here, looks keys up in a plain object and loses those that every object has.
  partitionKey: fc
    .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
    .filter((key) => !(key in Object.prototype)),
  data: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
});

describe("an aggregated record", () => {
  it("comes apart into what AWS's aggregation library put together, in order", () => {
    fc.assert(
      fc.property(fc.array(userRecord, { minLength: 1, maxLength: 20 }), (records) => {
        const parts = disaggregate(aggregate(records).toString("base64"));
        expect(parts?.map(({ partitionKey, data }) => ({ partitionKey, data: Buffer.from(data) }))).toEqual(
          records.map(({ partitionKey, data }) => ({ partitionKey, data })),
        );
      }),
    );
  });

  it("is a plain record when a single byte of it differs: the MD5, or the magic, no longer fits", () => {
    const whole = aggregate([
      { partitionKey: "ORD", data: Buffer.from('{"a":1}') },
      { partitionKey: "ATL", data: Buffer.from('{"a":2}') },
    ]);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0x01;
      expect(disaggregate(changed.toString("base64"))).toBeUndefined();
    }
    expect(disaggregate(whole.toString("base64"))).toHaveLength(2);
  });

  it.each([
    "",
    "eyJhIjoxfQ==",
    "84mawg==",
    Buffer.from([0xf3, 0x89, 0x9a, 0xc2, 1, 2, 3]).toString("base64"),
  ])("is not seen in %j", (base64) => {
    expect(disaggregate(base64)).toBeUndefined();
  });

  it("is refused when its MD5 fits and its protobuf does not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (noise) => {
        const sealed = seal(Buffer.from(noise));
        let parts: unknown;
        try {
          parts = disaggregate(sealed.toString("base64"));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect(error).toMatchObject({ code: "input.malformed" });
          return;
        }
        // Noise that happens to be a protobuf without records, or with whole ones.
        expect(Array.isArray(parts)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    // One record that names a partition key the table does not have.
    expect(() =>
      disaggregate(seal(Buffer.from([0x1a, 0x04, 0x08, 0x07, 0x1a, 0x00])).toString("base64")),
    ).toThrow("AggregatedRecord");
  });

  it("may carry fields that this version does not know", () => {
    const message = Buffer.concat([
      Buffer.from([0x0a, 0x01, 0x6b]),
      Buffer.from([0x7a, 0x02, 0x01, 0x02]),
      Buffer.from([0x1a, 0x05, 0x08, 0x00, 0x1a, 0x01, 0x61]),
    ]);
    expect(disaggregate(seal(message).toString("base64"))).toEqual([
      { partitionKey: "k", data: Buffer.from("a") },
    ]);
  });
});

function seal(message: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0xf3, 0x89, 0x9a, 0xc2]),
    message,
    createHash("md5").update(message).digest(),
  ]);
}

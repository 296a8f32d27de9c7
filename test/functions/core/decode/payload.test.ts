import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPayloadDecoder } from "../../../../functions/core/decode/payload.ts";
import { InputError } from "../../../../functions/core/errors.ts";

const maxBytes = 100;
const decoder = createPayloadDecoder(maxBytes);

function decode(bytes: Uint8Array): Buffer {
  return decoder.decode(Buffer.from(bytes).toString("base64"));
}

function errorOf(act: () => unknown): InputError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error("nothing was thrown");
}

describe("payload decoder", () => {
  it("gives back what was put, plain or gzip, whatever the decoder has seen before", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: maxBytes }), fc.boolean(), (bytes, asGzip) => {
        fc.pre(!(bytes[0] === 0x1f && bytes[1] === 0x8b));
        const put = asGzip ? gzipSync(bytes) : bytes;
        fc.pre(put.length <= maxBytes);
        expect([...decode(put)]).toEqual([...bytes]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 1, 2, 3])(
    "takes an event of exactly the limit and refuses one byte more (limit 96 + %i)",
    (extra) => {
      const limit = 96 + extra;
      const exact = createPayloadDecoder(limit);
      expect(exact.decode(Buffer.alloc(limit, 0x20).toString("base64"))).toHaveLength(limit);
      const error = errorOf(() => exact.decode(Buffer.alloc(limit + 1, 0x20).toString("base64")));
      expect(error.code).toBe("input.too_large");
      expect(error.message).toContain(
        `expected at most ${limit}; make the event smaller or raise limits.eventBytes`,
      );
      expect(error.details).toEqual({ maxBytes: limit });
    },
  );

  it("says how large an event was, as near as it looked", () => {
    expect(errorOf(() => decode(Buffer.alloc(101))).message).toBe(
      "event: got 101 bytes, expected at most 100; make the event smaller or raise limits.eventBytes",
    );
    expect(errorOf(() => decode(Buffer.alloc(3000))).message).toContain(
      "got about 3000 bytes, expected at most 100",
    );
  });

  it("takes gzip that holds exactly the limit and refuses one byte more", () => {
    expect(decode(gzipSync(Buffer.alloc(maxBytes, 0x20)))).toHaveLength(maxBytes);
    const error = errorOf(() => decode(gzipSync(Buffer.alloc(maxBytes + 1, 0x20))));
    expect(error.code).toBe("input.too_large");
    expect(error.message).toBe(
      "event: got more than 100 bytes after decompression, expected at most 100; make the event smaller or raise limits.eventBytes",
    );
  });

  it("refuses a gzip bomb, also one of several members, without unpacking it", () => {
    const roomy = createPayloadDecoder(64 * 1024);
    const bomb = gzipSync(Buffer.alloc(32 * 2 ** 20));
    expect(bomb.length).toBeLessThan(64 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    expect(errorOf(() => roomy.decode(bomb.toString("base64"))).code).toBe("input.too_large");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
    const member = gzipSync(Buffer.alloc(60));
    expect(errorOf(() => decode(Buffer.concat([member, member]))).code).toBe("input.too_large");
  });

  it("refuses damaged gzip", () => {
    const whole = gzipSync('{"a":1}');
    const flipped = Buffer.from(whole);
    flipped[12]! ^= 0xff;
    const wrongSum = Buffer.from(whole);
    wrongSum[whole.length - 8]! ^= 1;
    for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 3), flipped, wrongSum]) {
      const error = errorOf(() => decode(bytes));
      expect(error.code).toBe("input.malformed");
      expect(error.message).toBe(
        "event: got gzip data that cannot be decompressed, expected a whole gzip member; check the producer",
      );
      expect(error.cause).toBeInstanceOf(Error);
    }
  });

  it("leaves two bytes that begin like gzip, and no bytes at all, to the reader of the event", () => {
    expect([...decode(Uint8Array.of(0x1f, 0x8b))]).toEqual([0x1f, 0x8b]);
    expect(decode(new Uint8Array(0))).toHaveLength(0);
  });
});

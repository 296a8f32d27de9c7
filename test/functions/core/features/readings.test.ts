import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fnv1a } from "../../../../functions/core/features/readings.ts";
import { encodeValue } from "./encode-event.ts";

describe("hash", () => {
  // The 32-bit FNV-1a vectors of draft-eastlake-fnv, appendix C, and of Noll's test suite.
  it.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["b", 0xe70c2de5],
    ["f", 0xe30c2799],
    ["fo", 0x6222e842],
    ["foo", 0xa9f37ed7],
    ["foob", 0x3f5076ef],
    ["fooba", 0x39aaa18a],
    ["foobar", 0xbf9cf968],
  ])("is FNV-1a: %j", (text, hash) => {
    expect(fnv1a(Buffer.from(text))).toBe(hash);
    expect(encodeValue({ as: { hash: { buckets: 2 ** 24 } } }, JSON.stringify(text))).toEqual([
      hash % 2 ** 24,
    ]);
  });

  it("agrees with the definition in exact arithmetic", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        let hash = 2166136261n;
        for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 16777619n) % 2n ** 32n;
        expect(fnv1a(bytes)).toBe(Number(hash));
      }),
    );
  });

  it("is over the UTF-8 text of a value, whatever its type", () => {
    const hash = (json: string) => encodeValue({ as: { hash: { buckets: 1000 } } }, json);
    expect(hash("1.5")).toEqual([fnv1a(Buffer.from("1.5")) % 1000]);
    expect(hash("true")).toEqual([fnv1a(Buffer.from("true")) % 1000]);
    expect(hash('"é"')).toEqual([fnv1a(Uint8Array.of(0xc3, 0xa9)) % 1000]);
    expect(hash('"\\u00e9"')).toEqual(hash('"é"'));
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  areAdjacent,
  formatHashKey,
  hashKeyOfPartitionKey,
  maxHashKey,
  safeParseHashKey,
  uniformHashKeyRanges,
} from "../../../../scripts/local/kinesis/hash-key-range.ts";

it("divides the hash keys of a stream as AWS does", () => {
  // The DescribeStream example of a three-shard stream in the Kinesis API reference.
  expect(uniformHashKeyRanges(3)).toEqual([
    { start: 0n, end: 113427455640312821154458202477256070484n },
    { start: 113427455640312821154458202477256070485n, end: 226854911280625642308916404954512140969n },
    { start: 226854911280625642308916404954512140970n, end: 340282366920938463463374607431768211455n },
  ]);
});

it("covers every hash key once for any number of shards", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (count) => {
      const ranges = uniformHashKeyRanges(count);
      expect(ranges[0]!.start).toBe(0n);
      expect(ranges.at(-1)!.end).toBe(maxHashKey);
      const gaps = ranges.slice(1).filter((range, index) => !areAdjacent(range, ranges[index]!));
      expect(gaps).toEqual([]);
      expect(ranges.every((range) => range.start <= range.end)).toBe(true);
    }),
  );
});

it("hashes a partition key by MD5, as UTF-8", () => {
  // printf 'zürich' | md5sum
  expect(hashKeyOfPartitionKey("zürich")).toBe("0c1736a75e93c4307b9125f188c123ff");
  expect(hashKeyOfPartitionKey("a")).toBe("0cc175b9c0f1b6a831c399e269772661");
});

it("writes hash keys so that their order as text is their order as number", () => {
  const hashKeys = fc.bigInt({ min: 0n, max: maxHashKey });
  fc.assert(
    fc.property(hashKeys, hashKeys, (a, b) => {
      expect(formatHashKey(a) < formatHashKey(b)).toBe(a < b);
      expect(safeParseHashKey(a.toString())).toBe(a);
    }),
  );
});

it.each(["", "-1", "01", "1.5", "abc", (maxHashKey + 1n).toString()])("refuses the hash key %j", (text) => {
  expect(safeParseHashKey(text)).toBeUndefined();
});

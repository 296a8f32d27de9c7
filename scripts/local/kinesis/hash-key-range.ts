import { hash } from "node:crypto";

/** A shard's share of the hash keys, both ends included. */
export interface HashKeyRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The largest hash key: 2^128 - 1. */
export const maxHashKey = (1n << 128n) - 1n;

/**
 * Divide all hash keys into `count` adjacent ranges of one size (the last takes the remainder), as AWS does.
 *
 * @param count - at least 1.
 */
export function uniformHashKeyRanges(count: number): HashKeyRange[] {
  const size = (maxHashKey + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    start: BigInt(index) * size,
    end: index === count - 1 ? maxHashKey : BigInt(index + 1) * size - 1n,
  }));
}

/** The MD5 of a partition key as 32 hexadecimal digits: a hash key whose order as text is its order as number. */
export function hashKeyOfPartitionKey(partitionKey: string): string {
  return hash("md5", partitionKey, "hex");
}

/** A hash key as 32 hexadecimal digits. */
export function formatHashKey(hashKey: bigint): string {
  return hashKey.toString(16).padStart(32, "0");
}

/** @returns `undefined` unless the text is a decimal number from 0 to 2^128 - 1 without leading zeros. */
export function safeParseHashKey(text: string): bigint | undefined {
  if (!/^(0|[1-9]\d{0,38})$/.test(text)) return undefined;
  const hashKey = BigInt(text);
  return hashKey <= maxHashKey ? hashKey : undefined;
}

/** The two touch, in either order, and so could be merged. */
export function areAdjacent(a: HashKeyRange, b: HashKeyRange): boolean {
  return a.end + 1n === b.start || b.end + 1n === a.start;
}

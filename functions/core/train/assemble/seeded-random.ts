import { hash } from "node:crypto";
import type { Random } from "./augment.ts";

/**
 * A source of random numbers that is the same for the same text, on every machine; never for secrets.
 *
 * xoshiro128**, whose period of 2^128 - 1 no training outlasts, seeded by the text's SHA-256.
 *
 * @see Blackman and Vigna, Scrambled Linear Pseudorandom Number Generators, 2021
 */
export function seededRandom(seed: string): Random {
  const bytes = hash("sha256", seed, "buffer");
  const next = xoshiro128(
    [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at)) as [number, number, number, number],
  );
  return () => next() / 2 ** 32;
}

/** @param state - not zero in all. @returns whole numbers of 32 bits */
export function xoshiro128([a, b, c, d]: readonly [number, number, number, number]): () => number {
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
}

function rotate(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../../../functions/core/errors.ts";
import { decodeBlock, encodeBlock } from "../../../../functions/core/views/block-body.ts";
import { maxValue, tileStats } from "../../../../functions/core/views/tile.ts";
import {
  addToSet,
  countTiles,
  createTileSet,
  type TileSet,
} from "../../../../functions/core/views/tile-set.ts";

const value = fc.oneof(
  fc.integer({ min: -100, max: 100 }),
  fc.double({ min: -maxValue, max: maxValue, noNaN: true }),
  fc.constantFrom(0, -0, 2 ** 47, -(2 ** 47), 2 ** 47 - 1, 1 - 2 ** 47, 2 ** 53, 5e-324, 0.1),
);
const event = fc.record({
  tile: fc.integer({ min: 0, max: 11 }),
  value,
  hit: fc.boolean(),
  timeMs: fc.integer({ min: -8.64e15, max: 8.64e15 }),
});

function setOf(events: readonly { tile: number; value: number; hit: boolean; timeMs: number }[]): TileSet {
  const set = createTileSet();
  for (const { tile, ...seen } of events) addToSet(set, tile, seen);
  return set;
}

function tilesOf({ mask, stats }: TileSet): number[] {
  return [...stats.subarray(tileStats, (countTiles(mask) + 1) * tileStats)];
}

describe("block body", () => {
  it("gives back, bit for bit, the tiles that were written", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, hasValues) => {
        const set = setOf(hasValues ? events : events.map((each) => ({ ...each, value: Number.NaN })));
        const read = decodeBlock(encodeBlock(set));
        expect(read.mask).toBe(set.mask);
        expect(tilesOf(read).every((each, i) => Object.is(each, tilesOf(set)[i]))).toBe(true);
        expect(encodeBlock(read)).toEqual(encodeBlock(set));
      }),
    );
  });

  it("reads a body that stands within other bytes", () => {
    const body = encodeBlock(setOf([{ tile: 3, value: 1.5, hit: true, timeMs: 1e12 }]));
    const within = new Uint8Array([9, 9, ...body, 9]).subarray(2, 2 + body.length);
    expect(tilesOf(decodeBlock(within))).toEqual([1, 1, 1.5, 0, 1.5, 1.5, 1.5, 1e12]);
  });

  it("takes some thirty bytes for a tile of whole numbers, and five for one without values", () => {
    const delays = setOf(
      [12, -3, 41].map((delay, i) => ({ tile: 2, value: delay, hit: i > 0, timeMs: 1e12 + i })),
    );
    expect(encodeBlock(delays).length).toBeLessThanOrEqual(3 + 30);
    expect(encodeBlock(setOf([{ tile: 0, value: Number.NaN, hit: false, timeMs: 60_000 }])).length).toBe(
      3 + 5,
    );
  });

  it("is written as documented", () => {
    const body = encodeBlock(setOf([{ tile: 1, value: -2, hit: true, timeMs: 300 }]));
    // Version, bits 1 and 12, then zigzag + 1 of: count, hits, time (two bytes), sum, M2, min, max, last.
    expect([...body]).toEqual([1, 2, 16, 3, 3, 0xd9, 0x04, 4, 1, 4, 4, 4]);
  });

  it("refuses every body that was cut short or that goes on", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (events) => {
        const body = encodeBlock(setOf(events));
        for (let length = 0; length < body.length; length++)
          expect(() => decodeBlock(body.subarray(0, length))).toThrow(InvariantError);
        expect(() => decodeBlock(new Uint8Array([...body, 1]))).toThrow(/bytes, expected/);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["a newer version", [2, 0, 0], "got version 2, expected version 1"],
    ["bits nobody sets", [1, 0, 32], "got the header bits 8192, expected fewer than 8192"],
    ["a tile of no events", [1, 1, 0, 1, 1, 1], "got a tile of 0, 0"],
    ["more hits than events", [1, 1, 0, 3, 5, 1], "got a tile of 1, 2"],
    ["a negative count", [1, 1, 0, 2, 1, 1], "got a tile of -1, 0"],
    [
      "a least value above the greatest",
      [1, 1, 16, 3, 1, 1, 3, 1, 5, 3, 3],
      "got a tile of 1, 0, 1, 0, 2, 1",
    ],
    ["a number without an end", [1, 1, 0, ...Array(12).fill(255)], "got a number without an end"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeBlock(Uint8Array.from(bytes as number[]))).toThrow(message as string);
  });

  it("never takes arbitrary bytes for anything but a sound block", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const body = Uint8Array.from([1, ...bytes]);
        let set: TileSet;
        try {
          set = decodeBlock(body);
        } catch (error) {
          expect(error).toBeInstanceOf(InvariantError);
          return;
        }
        expect(encodeBlock(set).length).toBeGreaterThan(0);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clearTile, Stat, tileStats } from "../../../../functions/core/views/tile.ts";
import {
  addToSet,
  blockTiles,
  copyTileSet,
  createTileSet,
  mergeTiles,
} from "../../../../functions/core/views/tile-set.ts";

const event = fc.record({
  tile: fc.integer({ min: 0, max: blockTiles - 1 }),
  value: fc.integer({ min: -50, max: 50 }),
});

describe("tile set", () => {
  it("merges any run of its tiles to what their events come to, also after it has grown", () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 50 }),
        fc.array(event, { maxLength: 10 }),
        fc.integer({ min: 0, max: blockTiles }),
        fc.integer({ min: 0, max: blockTiles }),
        (first, later, a, b) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const set = createTileSet();
          const merged = new Float64Array(tileStats);
          for (const [i, events] of [first, later].entries()) {
            for (const { tile, value } of events) addToSet(set, tile, { value, hit: false, timeMs: tile });
            clearTile(merged, 0);
            mergeTiles(merged, set, from, to);
            const within = (i === 0 ? first : [...first, ...later]).filter(
              ({ tile }) => tile >= from && tile < to,
            );
            expect(merged[Stat.count]).toBe(within.length);
            expect(merged[Stat.sum]).toBe(within.reduce((sum, { value }) => sum + value, 0));
          }
        },
      ),
    );
  });

  it("merges a whole block as one", () => {
    const set = createTileSet();
    for (let tile = 0; tile < blockTiles; tile++) addToSet(set, tile, { value: 1, hit: false, timeMs: tile });
    const merged = new Float64Array(tileStats);
    clearTile(merged, 0);
    expect(mergeTiles(merged, set, 0, blockTiles)).toBe(1);
    expect(mergeTiles(merged, set, 0, blockTiles - 1)).toBe(blockTiles - 1);
  });

  it("copies what later events do not change", () => {
    const set = createTileSet();
    addToSet(set, 4, { value: 1, hit: false, timeMs: 1 });
    const copy = copyTileSet(set);
    addToSet(set, 4, { value: 2, hit: false, timeMs: 2 });
    expect(copy.stats[tileStats + Stat.count]).toBe(1);
  });
});

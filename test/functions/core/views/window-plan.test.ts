import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxItemsOf, planWindow, topLevelOf } from "../../../../functions/core/views/window-plan.ts";

interface Run {
  readonly level: number;
  readonly from: number;
  readonly to: number;
}

function planOf(from: number, to: number, topLevel: number): Run[] {
  const runs: Run[] = [];
  planWindow(from, to, topLevel, (level, first, end) => runs.push({ level, from: first, to: end }));
  return runs;
}

function itemsOf(runs: readonly Run[]): Set<string> {
  const items = new Set<string>();
  for (const { level, from, to } of runs)
    for (let tile = from; tile < to; tile++) items.add(`${level} ${Math.floor(tile / 12)}`);
  return items;
}

/** Every tile of level 0 that the runs cover, by expanding each. */
function expand(runs: readonly Run[]): number[] {
  return runs
    .flatMap(({ level, from, to }) => {
      const size = 12 ** level;
      return Array.from({ length: (to - from) * size }, (_, i) => from * size + i);
    })
    .sort((a, b) => a - b);
}

const window = fc.record({
  end: fc.integer({ min: -200_000, max: 200_000 }),
  tiles: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 20_000 })),
});

describe("window plan", () => {
  it("covers exactly the window's tiles, before 1970 too, at any top level", () => {
    fc.assert(
      fc.property(window, fc.integer({ min: 0, max: 4 }), ({ end, tiles }, topLevel) => {
        const expected = Array.from({ length: tiles }, (_, i) => end - tiles + i);
        expect(expand(planOf(end - tiles, end, topLevel))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("reads a bounded number of items for every window up to the longest", () => {
    fc.assert(
      fc.property(window, fc.nat(), ({ end, tiles }, shorter) => {
        const topLevel = topLevelOf(tiles);
        const asked = 1 + (shorter % tiles);
        expect(itemsOf(planOf(end - asked, end, topLevel)).size).toBeLessThanOrEqual(maxItemsOf(topLevel));
        expect(maxItemsOf(topLevel)).toBe(2 * topLevel + 33);
      }),
    );
  });

  it("reads at most one block at either edge of a level below the top", () => {
    fc.assert(
      fc.property(window, ({ end, tiles }) => {
        const items = [...itemsOf(planOf(end - tiles, end, 3))];
        for (const level of [0, 1, 2])
          expect(items.filter((item) => item.startsWith(`${level} `)).length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it.each([
    [1, 0],
    [288, 0],
    [384, 0],
    [385, 1],
    [4608, 1],
    [4609, 2],
    [8640, 2],
    [30 * 86_400, 4],
  ])("keeps for a window of %i tiles the levels up to %i", (tiles, topLevel) => {
    expect(topLevelOf(tiles)).toBe(topLevel);
  });

  it("cuts a day of 5 min tiles that ends in the middle of an hour as one run of 25 blocks", () => {
    expect(planOf(6 - 288, 6, 0)).toEqual([{ level: 0, from: -282, to: 6 }]);
    expect(itemsOf(planOf(6 - 288, 6, 0)).size).toBe(25);
  });
});

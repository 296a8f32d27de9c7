import { blockTiles } from "./tile-set.ts";

/** Blocks of the top level that a view's longest window may span. */
const topBlocks = 32;

/**
 * The top of a view's levels: tiles of level n + 1 are the blocks of level n, and the longest window spans at most
 * 32 blocks of the top level.
 *
 * @param windowTiles - the view's longest window, in its tiles.
 */
export function topLevelOf(windowTiles: number): number {
  let level = 0;
  for (let blocks = windowTiles / blockTiles; blocks > topBlocks; blocks /= blockTiles) level++;
  return level;
}

/** Greatest number of items that one window of one key is read from. */
export function maxItemsOf(topLevel: number): number {
  return 2 * topLevel + topBlocks + 1;
}

/** Called with a run of tiles of one level, `from` (inclusive) to `to`, in tiles of that level since 1970. */
export type VisitRun = (level: number, from: number, to: number) => void;

/**
 * Cut a window into runs of tiles, as coarse as fit: at each level below the top at most one block at either edge.
 *
 * @param from - first tile of level 0, since 1970; negative before.
 * @param to - the tile behind the last one.
 * @param visit - gets disjoint runs that together are the window.
 */
export function planWindow(from: number, to: number, topLevel: number, visit: VisitRun): void {
  for (let level = 0; level < topLevel; level++) {
    const innerFrom = Math.ceil(from / blockTiles);
    const innerTo = Math.floor(to / blockTiles);
    if (innerFrom >= innerTo) {
      visit(level, from, to);
      return;
    }
    if (from < innerFrom * blockTiles) visit(level, from, innerFrom * blockTiles);
    if (innerTo * blockTiles < to) visit(level, innerTo * blockTiles, to);
    from = innerFrom;
    to = innerTo;
  }
  visit(topLevel, from, to);
}

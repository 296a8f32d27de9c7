import { addToTile, clearTile, mergeTile, type Observation, tileStats } from "./tile.ts";

/** Tiles of one level that are one item of state, and one tile of the level above. */
export const blockTiles = 12;

const allTiles = (1 << blockTiles) - 1;

/** The tiles of one block, only those that hold anything, and their total. */
export interface TileSet {
  /** Bit `i` is set where tile `i` holds anything. */
  mask: number;
  /** Slot 0 is the total, then one slot per set bit, ascending. */
  stats: Float64Array;
  isTotalStale: boolean;
}

const bitCounts = Uint8Array.from({ length: 1 << blockTiles }, (_, mask) => {
  let count = 0;
  for (let rest = mask; rest > 0; rest &= rest - 1) count++;
  return count;
});

/** @param tiles - how many it will hold at first; it grows. */
export function createTileSet(tiles = 1): TileSet {
  return { mask: 0, stats: new Float64Array((tiles + 1) * tileStats), isTotalStale: true };
}

export function copyTileSet({ mask, stats }: TileSet): TileSet {
  return { mask, stats: stats.slice(0, (countTiles(mask) + 1) * tileStats), isTotalStale: true };
}

/** How many tiles a mask names. */
export function countTiles(mask: number): number {
  return bitCounts[mask]!;
}

/** Where a tile stands in `stats`; -1 where it holds nothing. */
export function findTile({ mask }: TileSet, tile: number): number {
  return (mask & (1 << tile)) === 0 ? -1 : slotOf(mask, tile);
}

/** Where a tile stands in `stats`, made empty where it was not there. */
export function openTile(set: TileSet, tile: number): number {
  const at = slotOf(set.mask, tile);
  set.isTotalStale = true;
  if ((set.mask & (1 << tile)) !== 0) return at;
  const used = (countTiles(set.mask) + 1) * tileStats;
  if (used === set.stats.length) {
    const slots = Math.min(blockTiles + 1, 2 * (used / tileStats));
    const grown = new Float64Array(slots * tileStats);
    grown.set(set.stats);
    set.stats = grown;
  }
  set.stats.copyWithin(at + tileStats, at, used);
  clearTile(set.stats, at);
  set.mask |= 1 << tile;
  return at;
}

export function addToSet(set: TileSet, tile: number, observation: Observation): void {
  const at = openTile(set, tile);
  addToTile(set.stats, at, observation);
}

/** Merge the tiles `from` (inclusive) to `to` of a set into the tile at 0 of `into`. @returns how many were merged, the total of a whole block being one. */
export function mergeTiles(into: Float64Array, set: TileSet, from: number, to: number): number {
  const wanted = set.mask & (allTiles >>> (blockTiles - to)) & (allTiles << from);
  if (wanted === 0) return 0;
  if (wanted === set.mask) {
    if (set.isTotalStale) refreshTotal(set);
    mergeTile(into, 0, set.stats, 0);
    return 1;
  }
  const count = countTiles(wanted);
  const first = slotOf(set.mask, 31 - Math.clz32(wanted & -wanted));
  for (let i = 0; i < count; i++) mergeTile(into, 0, set.stats, first + i * tileStats);
  return count;
}

/** From the tiles, in their order, and never event by event: so it does not depend on when the block was last read. */
function refreshTotal(set: TileSet): void {
  const { stats, mask } = set;
  clearTile(stats, 0);
  const end = (countTiles(mask) + 1) * tileStats;
  for (let at = tileStats; at < end; at += tileStats) mergeTile(stats, 0, stats, at);
  set.isTotalStale = false;
}

function slotOf(mask: number, tile: number): number {
  return (countTiles(mask & ((1 << tile) - 1)) + 1) * tileStats;
}

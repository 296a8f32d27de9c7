import type { Mark } from "../state/mark.ts";
import { clearTile, mergeTile, type Observation } from "./tile.ts";
import { addToSet, copyTileSet, createTileSet, findTile, openTile, type TileSet } from "./tile-set.ts";

/** What one shard counted in one block. */
export interface Part {
  readonly shard: string;
  /** Undefined until it is stored for the first time. */
  mark: Mark | undefined;
  tiles: TileSet;
}

/** One item of state in memory: a part per shard, and what they come to together. */
export interface Block {
  /** In ascending order of their shards' ids, so that of two values at one time the greater shard's is the last. */
  parts: Part[];
  /** All parts merged; the part's own tiles where there is only one. */
  sum: TileSet;
  /** Tiles of `sum` that no longer are what the parts come to. */
  staleTiles: number;
  /** The part that this invocation adds to, and what it was before. */
  touched: TouchedPart | undefined;
}

export interface TouchedPart {
  readonly part: Part;
  /** Mark and tiles as they are stored. */
  readonly stored: Part | undefined;
  /** Mark of the first event added. */
  readonly firstMark: Mark;
}

/** @param parts - ascending by shard. */
export function createBlock(parts: Part[]): Block {
  const only = parts.length === 1 ? parts[0]!.tiles : undefined;
  const block: Block = { parts, sum: only ?? createTileSet(), staleTiles: 0, touched: undefined };
  if (only === undefined) for (const { tiles } of parts) block.staleTiles |= tiles.mask;
  return block;
}

/** Whether a shard's part holds the event of a mark already. */
export function containsMark({ parts }: Block, shard: string, mark: Mark): boolean {
  const stored = parts.find((part) => part.shard === shard)?.mark;
  return stored !== undefined && stored >= mark;
}

/** Add an event to the part of a shard, which remembers what was stored. @returns whether the invocation touches the block for the first time. */
export function addToBlock(
  block: Block,
  event: { readonly shard: string; readonly mark: Mark; readonly tile: number; readonly seen: Observation },
): boolean {
  const isFirst = block.touched === undefined;
  const { part } = block.touched ?? touch(block, event);
  addToSet(part.tiles, event.tile, event.seen);
  part.mark = event.mark;
  if (block.parts.length > 1) block.staleTiles |= 1 << event.tile;
  return isFirst;
}

/** All parts merged, brought up to date. */
export function sumOf(block: Block): TileSet {
  const { parts, sum } = block;
  for (let stale = block.staleTiles; stale !== 0; stale &= stale - 1) {
    const tile = 31 - Math.clz32(stale & -stale);
    const at = openTile(sum, tile);
    clearTile(sum.stats, at);
    for (const { tiles } of parts) {
      const from = findTile(tiles, tile);
      if (from >= 0) mergeTile(sum.stats, at, tiles.stats, from);
    }
  }
  block.staleTiles = 0;
  return sum;
}

/** Make the touched part what it was when it was read. */
export function restoreBlock(block: Block): void {
  const { part, stored } = block.touched!;
  block.touched = undefined;
  const others = block.parts.filter((each) => each !== part);
  const parts = stored === undefined ? others : [...others, stored].sort(byShard);
  Object.assign(block, createBlock(parts));
}

/** Memory that a block is reckoned to take: its numbers, and the objects round them. */
export function bytesOf({ parts, sum }: Block): number {
  let bytes = parts.length > 1 ? sum.stats.byteLength + 300 : 100;
  for (const { tiles } of parts) bytes += tiles.stats.byteLength + 400;
  return bytes;
}

function byShard(a: Part, b: Part): number {
  return a.shard < b.shard ? -1 : 1;
}

function touch(block: Block, { shard, mark }: { readonly shard: string; readonly mark: Mark }): TouchedPart {
  const found = block.parts.find((part) => part.shard === shard);
  const part = found ?? { shard, mark: undefined, tiles: createTileSet() };
  const stored = found === undefined ? undefined : { ...found, tiles: copyTileSet(found.tiles) };
  if (found === undefined) Object.assign(block, createBlock([...block.parts, part].sort(byShard)));
  block.touched = { part, stored, firstMark: mark };
  return block.touched;
}

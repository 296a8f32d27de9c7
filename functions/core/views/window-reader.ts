import { InvariantError } from "../errors.ts";
import { sumOf } from "./block.ts";
import { aggregateOf, clearTile, tileStats } from "./tile.ts";
import { type Entry, pageBlocks, type TileCache } from "./tile-cache.ts";
import { blockTiles, mergeTiles } from "./tile-set.ts";
import type { WindowExplanation } from "./view-batch.ts";
import { bitsOf } from "./view-loading.ts";
import { type ViewProgram, windowStart } from "./view-program.ts";
import type { LookupWindows } from "./view-windows.ts";
import { planWindow } from "./window-plan.ts";

export interface WindowReader {
  read(keys: readonly string[], timeMs: number, into: Float64Array): void;
  explain(keys: readonly string[], timeMs: number): WindowExplanation[];
}

/** Computes windows from what memory has; nothing is allocated per event. */
export function createWindowReader(
  program: ViewProgram,
  groups: readonly LookupWindows[],
  cache: TileCache,
): WindowReader {
  const merged = new Float64Array(tileStats);
  let entry: Entry;
  let tilesMerged = 0;
  let itemsRead = 0;
  return { read, explain };

  function read(keys: readonly string[], timeMs: number, into: Float64Array): void {
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!;
      openEntry(group, keys);
      for (let j = 0; j < group.windows.length; j++) {
        const { tiles, features } = group.windows[j]!;
        mergeWindow(group, tiles, timeMs);
        for (let k = 0; k < features.length; k++) {
          const { position, agg } = features[k]!;
          into[position] = aggregateOf(merged, 0, agg, timeMs);
        }
      }
    }
  }

  function explain(keys: readonly string[], timeMs: number): WindowExplanation[] {
    return program.windows.map(({ name, feature, lookup, agg, windowMs, fallback }) => {
      const group = groups[lookup]!;
      const { tileMs } = group.shape;
      const key = keys[lookup]!;
      openEntry(group, keys);
      mergeWindow(group, windowMs / tileMs, timeMs);
      const value = aggregateOf(merged, 0, agg, timeMs);
      const fromMs = windowStart(group.shape, windowMs, timeMs);
      const isDefault = Number.isNaN(value);
      return {
        name,
        view: feature.view,
        key,
        agg,
        fromMs,
        toMs: fromMs + windowMs,
        tilesMerged,
        itemsRead,
        value: isDefault ? fallback : value,
        isDefault,
      };
    });
  }

  function openEntry({ view, lookup }: LookupWindows, keys: readonly string[]): void {
    const found = cache.find(view, keys[lookup]!);
    if (found === undefined) throw notLoaded();
    entry = found;
  }

  function mergeWindow({ shape }: LookupWindows, tiles: number, timeMs: number): void {
    tilesMerged = 0;
    itemsRead = 0;
    clearTile(merged, 0);
    const end = Math.floor(timeMs / shape.tileMs) + 1;
    planWindow(end - tiles, end, shape.topLevel, mergeRun);
  }

  function mergeRun(level: number, from: number, to: number): void {
    const first = Math.floor(from / blockTiles);
    const last = Math.floor((to - 1) / blockTiles);
    for (let position = Math.floor(first / pageBlocks); position * pageBlocks <= last; position++) {
      const page = cache.peek(entry, level, position);
      const base = position * pageBlocks;
      const wanted = bitsOf(Math.max(first - base, 0), Math.min(last - base + 1, pageBlocks));
      if (page === undefined || (wanted & ~page.known) !== 0) throw notLoaded();
      for (let rest = page.present & wanted; rest !== 0; rest &= rest - 1) {
        const bit = 31 - Math.clz32(rest & -rest);
        const start = (base + bit) * blockTiles;
        const count = mergeTiles(
          merged,
          sumOf(page.blocks[bit]!),
          Math.max(from - start, 0),
          Math.min(to - start, blockTiles),
        );
        tilesMerged += count;
        if (count > 0) itemsRead++;
      }
    }
  }
}

function notLoaded(): InvariantError {
  return new InvariantError("window of a view: got an event that was not loaded; load it before it is read");
}

import { InvariantError } from "../errors.ts";
import type { ShardStateStore, StateItem, StateRange } from "../state/shard-state-store.ts";
import { createBlock, type Part } from "./block.ts";
import { decodeBlock } from "./block-body.ts";
import { partitionKeyOf, sortKeyOf, startOf } from "./block-key.ts";
import { type Entry, type Page, pageBlocks, type TileCache } from "./tile-cache.ts";
import { blockTiles } from "./tile-set.ts";
import type { Ask, ViewTraffic } from "./view-batch.ts";
import type { Feed, ViewShape } from "./view-program.ts";
import type { LookupWindows } from "./view-windows.ts";
import { planWindow } from "./window-plan.ts";

export interface ViewLoading {
  readonly cache: TileCache;
  readonly store: ShardStateStore;
  readonly model: string;
  readonly views: readonly ViewShape[];
  readonly groups: readonly LookupWindows[];
}

/** What one invocation knows of the shards. */
export interface LoadTerms {
  /** Per view: blocks that end at this instant or earlier, no shard will change any more. */
  readonly finalBeforeMs: readonly number[];
  readonly traffic: ViewTraffic;
}

/** Length of a block of a level. */
export function blockMsOf({ tileMs }: ViewShape, level: number): number {
  return tileMs * blockTiles ** (level + 1);
}

/** The bits `from` (inclusive) to `to` of a word; none where `to` is not above. */
export function bitsOf(from: number, to: number): number {
  const count = to - from;
  return count <= 0 ? 0 : count >= pageBlocks ? -1 : ((1 << count) - 1) << from;
}

/** Bring into memory what events need, in as few ranges as there are gaps. */
export async function loadBlocks(
  loading: ViewLoading,
  asks: readonly Ask[],
  { feeds, terms }: { readonly feeds: readonly Feed[]; readonly terms: LoadTerms },
): Promise<void> {
  const wanted = wantedBlocks(loading, asks, feeds);
  if (wanted.size === 0) return;
  const runs = [...wanted].flatMap(([, pages]) => runsOf(pages));
  for (const pages of wanted.values()) for (const page of pages) page.wanted = 0;
  const ranges = runs.map((run) => rangeOf(loading, run));
  terms.traffic.queries += ranges.length;
  const results = await loading.store.read(ranges);
  // All are decoded before any is kept: of a damaged one memory must not say that it holds nothing.
  const decoded = results.map((items, i) => items.map((item) => decodeItem(item, ranges[i]!)));
  runs.forEach((run, i) => {
    keepRun(loading, run, terms);
    const { entry, level } = run;
    const blockMs = blockMsOf(loading.views[entry.view]!, level);
    terms.traffic.itemsRead += decoded[i]!.length;
    for (const { startMs, block } of decoded[i]!) {
      const index = startMs / blockMs;
      const page = loading.cache.page(entry, level, Math.floor(index / pageBlocks));
      loading.cache.put(page, index - page.position * pageBlocks, block);
    }
  });
}

/** Blocks side by side of one key and level. */
interface BlockRun {
  readonly entry: Entry;
  readonly level: number;
  readonly first: number;
  readonly last: number;
}

/** @returns pages with `wanted` set, those of one key and level together. */
function wantedBlocks(
  { cache, views, groups }: ViewLoading,
  asks: readonly Ask[],
  feeds: readonly Feed[],
): Map<Entry["levels"][number], Page[]> {
  const wanted = new Map<Entry["levels"][number], Page[]>();
  /** The tile up to which an entry's windows were seen to last, per lookup: events of a key come in bursts. */
  const seen = groups.map(() => new Map<Entry, number>());
  let entry: Entry;
  let shape: ViewShape;
  for (const { keys, timeMs } of asks) {
    for (const { lookup, view, shape: shapeOfLookup, windows } of groups) {
      shape = shapeOfLookup;
      entry = cache.open(view, keys[lookup]!);
      const end = Math.floor(timeMs / shape.tileMs) + 1;
      if (seen[lookup]!.get(entry) === end) continue;
      seen[lookup]!.set(entry, end);
      for (const { tiles } of windows) planWindow(end - tiles, end, shape.topLevel, wantTiles);
    }
  }
  for (const { view, key, timeMs } of feeds) {
    shape = views[view]!;
    entry = cache.open(view, key);
    for (let level = 0; level <= shape.topLevel; level++) {
      const block = Math.floor(timeMs / blockMsOf(shape, level));
      wantBlocks(level, block, block);
    }
  }
  return wanted;

  function wantTiles(level: number, from: number, to: number): void {
    wantBlocks(level, Math.floor(from / blockTiles), Math.floor((to - 1) / blockTiles));
  }

  function wantBlocks(level: number, first: number, last: number): void {
    for (let position = Math.floor(first / pageBlocks); position * pageBlocks <= last; position++) {
      const page = cache.page(entry, level, position);
      const base = position * pageBlocks;
      let missing = bitsOf(Math.max(first - base, 0), Math.min(last - base + 1, pageBlocks)) & ~page.known;
      if (missing === 0) continue;
      const firstEmpty = Math.floor(entry.emptyAfterMs / blockMsOf(shape, level)) + 1;
      const empty = missing & bitsOf(Math.max(firstEmpty - base, 0), pageBlocks);
      page.known |= empty;
      missing &= ~(empty | page.wanted);
      if (missing === 0) continue;
      if (page.wanted === 0) {
        const pages = wanted.get(entry.levels[level]!);
        if (pages === undefined) wanted.set(entry.levels[level]!, [page]);
        else pages.push(page);
      }
      page.wanted |= missing;
    }
  }
}

/** Runs go on from page to page. */
function runsOf(pages: readonly Page[]): BlockRun[] {
  const runs: { entry: Entry; level: number; first: number; last: number }[] = [];
  for (const { entry, level, position, wanted } of [...pages].sort((a, b) => a.position - b.position)) {
    for (let rest = wanted; rest !== 0; rest &= rest - 1) {
      const block = position * pageBlocks + 31 - Math.clz32(rest & -rest);
      const run = runs.at(-1);
      if (run?.last === block - 1) run.last = block;
      else runs.push({ entry, level, first: block, last: block });
    }
  }
  return runs;
}

function rangeOf({ model, views }: ViewLoading, { entry, level, first, last }: BlockRun): StateRange {
  const shape = views[entry.view]!;
  const blockMs = blockMsOf(shape, level);
  return {
    partitionKey: partitionKeyOf({ model, digest: shape.digest, level, key: entry.key }),
    from: sortKeyOf(first * blockMs),
    to: sortKeyOf(last * blockMs),
  };
}

function decodeItem({ sortKey, parts }: StateItem, { partitionKey }: StateRange) {
  const decoded = [...parts].map(([shard, { mark, body }]): Part => {
    try {
      return { shard, mark, tiles: decodeBlock(body) };
    } catch (cause) {
      const place = `tiles of "${partitionKey}" at ${sortKey}, shard ${shard}`;
      throw new InvariantError(`${place}: ${(cause as Error).message}`, { cause });
    }
  });
  decoded.sort((a, b) => (a.shard < b.shard ? -1 : 1));
  return { startMs: startOf(sortKey), block: createBlock(decoded) };
}

/** From here on memory knows the run's blocks, first as holding nothing. */
function keepRun(
  { cache, views }: ViewLoading,
  { entry, level, first, last }: BlockRun,
  terms: LoadTerms,
): void {
  const finalBlocks = Math.floor(terms.finalBeforeMs[entry.view]! / blockMsOf(views[entry.view]!, level));
  for (let position = Math.floor(first / pageBlocks); position * pageBlocks <= last; position++) {
    const page = cache.page(entry, level, position);
    const base = position * pageBlocks;
    const read = bitsOf(Math.max(first - base, 0), Math.min(last - base + 1, pageBlocks));
    page.known |= read;
    page.final |= read & bitsOf(0, Math.min(finalBlocks - base, pageBlocks));
  }
}

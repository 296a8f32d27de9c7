import { InvariantError } from "../errors.ts";
import type { Mark } from "../state/mark.ts";
import type { ShardStateStore, StateWrite } from "../state/shard-state-store.ts";
import { addToBlock, type Block, containsMark, createBlock, restoreBlock } from "./block.ts";
import { encodeBlock } from "./block-body.ts";
import { partitionKeyOf, sortKeyOf } from "./block-key.ts";
import { createTileCache, type Page, pageBlocks } from "./tile-cache.ts";
import { blockTiles } from "./tile-set.ts";
import type { Applied, Ask, ViewBatch, ViewReads, ViewTraffic } from "./view-batch.ts";
import { blockMsOf, loadBlocks } from "./view-loading.ts";
import type { Feed, ViewProgram } from "./view-program.ts";
import { windowsByLookup } from "./view-windows.ts";
import { createWindowReader } from "./window-reader.ts";

/** Newest event time of each shard that may still write, epoch milliseconds, as its clock was stored. */
export type ShardClocks = ReadonlyMap<string, number>;

export interface ViewStateOptions {
  readonly program: ViewProgram;
  readonly store: ShardStateStore;
  /** The model's name. */
  readonly model: string;
  /** Wall clock. */
  readonly nowMs: () => number;
  /** Bound on the tiles kept in memory, beyond what one invocation needs; default 64 MiB. */
  readonly maxBytes?: number;
}

export interface BatchStart {
  readonly shard: string;
  /** Read after the shard's own progress. */
  readonly clocks: ShardClocks;
  /** Whether this environment wrote the shard's progress mark, as it stands, itself: then nobody else has written the shard's parts since. */
  readonly isOwner: boolean;
  /** Whether a view, by the digest of its definition, is written by another version of the model in the same invocation. @default none is */
  readonly isKeptElsewhere?: (digest: string) => boolean;
}

/** The state of a model version's views in one environment; one invocation at a time. */
export interface ViewState {
  begin(start: BatchStart): ViewBatch;
  /** For requests, which feed nothing. */
  readOnly(clocks: ShardClocks): ViewReads;
  /** Bytes that the tiles in memory are reckoned to take. */
  readonly usedBytes: number;
}

const defaultMaxBytes = 64 * 2 ** 20;

export function createViewState({
  program,
  store,
  model,
  nowMs,
  maxBytes = defaultMaxBytes,
}: ViewStateOptions): ViewState {
  const { views } = program;
  const groups = windowsByLookup(program);
  const cache = createTileCache(
    views.map(({ topLevel }) => topLevel + 1),
    maxBytes,
    (view, level) => blockMsOf(views[view]!, level),
  );
  const loading = { cache, store, model, views, groups };
  const reader = createWindowReader(program, groups, cache);

  let shards = "";
  let lastShard: string | undefined;
  /** Whether what was written last was all written, and by nobody else meanwhile. */
  let outcome: "saved" | "failed" | "conflict" = "saved";
  const touched: TouchedBlock[] = [];
  const log: LoggedFeed[] = [];

  return {
    begin,
    readOnly,
    get usedBytes() {
      return cache.usedBytes;
    },
  };

  function begin({ shard, clocks, isOwner, isKeptElsewhere = () => false }: BatchStart): ViewBatch {
    const isSole = isSoleShard(shard, clocks);
    if (touched.length > 0) forgetAll();
    knowShards([...clocks.keys(), shard]);
    const isContinued = isOwner && shard === lastShard && outcome !== "conflict";
    const newestMs = clocks.get(shard);
    const knowsEmpty = isContinued && isSole && outcome === "saved" && newestMs !== undefined;
    cache.begin({
      nowMs: nowMs(),
      isSole,
      isContinued,
      emptyAfterMs: knowsEmpty ? newestMs : Number.POSITIVE_INFINITY,
    });
    lastShard = shard;
    outcome = "saved";
    const terms = {
      finalBeforeMs: finalBefore(clocks.has(shard) ? clocks : new Map()),
      traffic: noTraffic(),
    };
    return {
      traffic: terms.traffic,
      load: (asks, feeds = []) => load(asks, feeds, terms),
      read: reader.read,
      explain: reader.explain,
      apply: (feed, mark, newest) => apply(feed, { shard, mark, newest }),
      save: (before, expiresAt) =>
        save(before, { expiresAt, shard, traffic: terms.traffic, isKeptElsewhere }),
    };
  }

  function readOnly(clocks: ShardClocks): ViewReads {
    knowShards([...clocks.keys()]);
    lastShard = undefined;
    cache.begin({
      nowMs: nowMs(),
      isSole: false,
      isContinued: false,
      emptyAfterMs: Number.POSITIVE_INFINITY,
    });
    const terms = { finalBeforeMs: finalBefore(clocks), traffic: noTraffic() };
    return { load: (asks) => load(asks, [], terms), read: reader.read, explain: reader.explain };
  }

  /** A shard that was not there before may have written anything. */
  function knowShards(ids: readonly string[]): void {
    const given = [...new Set(ids)].sort().join(" ");
    if (given !== shards) forgetAll();
    shards = given;
  }

  function forgetAll(): void {
    cache.clear();
    touched.length = 0;
    log.length = 0;
    lastShard = undefined;
  }

  function finalBefore(clocks: ShardClocks): number[] {
    const oldest = clocks.size === 0 ? Number.NEGATIVE_INFINITY : Math.min(...clocks.values());
    return views.map(({ latenessMs }) => oldest - latenessMs);
  }

  async function load(
    asks: readonly Ask[],
    feeds: readonly Feed[],
    terms: { readonly finalBeforeMs: readonly number[]; readonly traffic: ViewTraffic },
  ): Promise<void> {
    await loadBlocks(loading, asks, { feeds, terms });
    cache.evict();
  }

  function apply(
    feed: Feed,
    { shard, mark, newest }: { shard: string; mark: Mark; newest: number },
  ): Applied {
    const shape = views[feed.view]!;
    const { timeMs } = feed;
    if (timeMs < newest - shape.latenessMs) return "late";
    const entry = cache.find(feed.view, feed.key);
    let applied: Applied = "contained";
    for (let level = 0; level <= shape.topLevel; level++) {
      const index = Math.floor(timeMs / blockMsOf(shape, level));
      const position = Math.floor(index / pageBlocks);
      const page = entry === undefined ? undefined : cache.peek(entry, level, position);
      const bit = index - position * pageBlocks;
      if (page === undefined || (page.known & (1 << bit)) === 0) throw notLoaded();
      let block = page.blocks[bit];
      if (block === undefined) {
        block = createBlock([]);
        cache.put(page, bit, block);
      } else if (containsMark(block, shard, mark)) continue;
      const tile = Math.floor(timeMs / (shape.tileMs * blockTiles ** level)) - index * blockTiles;
      if (addToBlock(block, { shard, mark, tile, seen: feed })) touched.push({ block, page, bit });
      log.push({ block, tile, feed, mark });
      applied = "applied";
    }
    return applied;
  }

  async function save(
    before: Mark | undefined,
    { expiresAt, shard, traffic, isKeptElsewhere }: SaveTerms,
  ): Promise<Mark | undefined> {
    if (before !== undefined) takeBack(before, shard);
    const added = touched.filter(({ block }) => block.touched !== undefined);
    const saved = added.filter(({ page }) => !isKeptElsewhere(views[page.entry.view]!.digest));
    // The other version has added the same events, and writes them.
    for (const { block, page } of added)
      if (isKeptElsewhere(views[page.entry.view]!.digest)) block.touched = undefined;
    const writes = saved.map((each) => writeOf(each, expiresAt));
    touched.length = 0;
    log.length = 0;
    if (writes.length === 0) return undefined;
    outcome = "conflict";
    const failed = await store.write(writes);
    outcome = "saved";
    traffic.itemsWritten += writes.length - failed.length;
    let lowest: Mark | undefined;
    for (const { index, reason } of failed) {
      const { block, page } = saved[index]!;
      const { firstMark } = block.touched!;
      if (lowest === undefined || firstMark < lowest) lowest = firstMark;
      if (outcome !== "conflict") outcome = reason === "conflict" ? "conflict" : "failed";
      cache.drop(page.entry);
    }
    for (const { block } of saved) block.touched = undefined;
    const kept = new Set(saved.map(({ page }) => page));
    for (const page of kept)
      if (cache.find(page.entry.view, page.entry.key) === page.entry) cache.resize(page);
    return lowest;
  }

  /** Undo what events from a mark on added: to each block they touched, what was stored, then the earlier events anew. */
  function takeBack(before: Mark, shard: string): void {
    const undone = new Set<Block>();
    for (const { block } of touched) {
      if (block.touched!.part.mark! < before) continue;
      restoreBlock(block);
      undone.add(block);
    }
    for (const { block, tile, feed, mark } of log)
      if (undone.has(block) && mark < before) addToBlock(block, { shard, mark, tile, seen: feed });
  }

  function writeOf({ block, page, bit }: TouchedBlock, expiresAt: number): StateWrite {
    const { entry, level, position } = page;
    const { digest } = views[entry.view]!;
    const { part, stored } = block.touched!;
    return {
      partitionKey: partitionKeyOf({ model, digest, level, key: entry.key }),
      sortKey: sortKeyOf((position * pageBlocks + bit) * blockMsOf(views[entry.view]!, level)),
      shard: part.shard,
      expected: stored?.mark,
      part: { mark: part.mark!, body: encodeBlock(part.tiles) },
      expiresAt,
    };
  }
}

interface TouchedBlock {
  readonly block: Block;
  readonly page: Page;
  readonly bit: number;
}

interface SaveTerms {
  readonly expiresAt: number;
  readonly shard: string;
  readonly traffic: ViewTraffic;
  readonly isKeptElsewhere: (digest: string) => boolean;
}

interface LoggedFeed {
  readonly block: Block;
  readonly tile: number;
  readonly feed: Feed;
  readonly mark: Mark;
}

function isSoleShard(shard: string, clocks: ShardClocks): boolean {
  return clocks.size === 0 || (clocks.size === 1 && clocks.has(shard));
}

function noTraffic(): ViewTraffic {
  return { queries: 0, itemsRead: 0, itemsWritten: 0 };
}

function notLoaded(): InvariantError {
  return new InvariantError("feed of a view: got an event that was not loaded; load it before it is applied");
}

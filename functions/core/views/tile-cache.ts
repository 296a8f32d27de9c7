import { type Block, bytesOf } from "./block.ts";

/** Blocks of one page: as many as a word has bits, so that what is known of them is a word each. */
export const pageBlocks = 32;

/** What was read is read again after this: a backfill may have written meanwhile, or a shard that nobody knew of. */
const maxAgeMs = 5 * 60_000;

/** One key of one view in memory. */
export interface Entry {
  readonly view: number;
  readonly key: string;
  /** Pages by position, per level. */
  readonly levels: readonly Map<number, Page>[];
  /** Blocks that start later hold nothing unless they are in memory. */
  emptyAfterMs: number;
  epoch: number;
}

/** 32 blocks side by side. Bit `i` of a word speaks of `blocks[i]`. */
export interface Page {
  readonly entry: Entry;
  readonly level: number;
  /** Its first block is this times 32. */
  readonly position: number;
  readonly blocks: (Block | undefined)[];
  /** Blocks that memory has: it may have them as holding nothing. */
  known: number;
  /** Blocks that hold anything. */
  present: number;
  /** Blocks that no shard could change any more when they were read. */
  final: number;
  /** Blocks that are about to be read. */
  wanted: number;
  /** The invocation that used it last. */
  serial: number;
  epoch: number;
  /** When the oldest of its blocks were read, wall clock. */
  readAtMs: number;
  sizeBytes: number;
}

/** What an invocation may take from memory. */
export interface CacheTerms {
  readonly nowMs: number;
  /** Whether no other shard writes, so that what this environment wrote and read is all there is. */
  readonly isSole: boolean;
  /** Blocks that start later were never written, by anyone; Infinity where that is not known. */
  readonly emptyAfterMs: number;
  /** Whether what is not final may be kept from the last invocation. */
  readonly isContinued: boolean;
}

export interface TileCache {
  begin(terms: CacheTerms): void;
  find(view: number, key: string): Entry | undefined;
  open(view: number, key: string): Entry;
  /** The page at a position, rid of what may not be used any more; it stays until the next `begin`. */
  page(entry: Entry, level: number, position: number): Page;
  /** The page at a position where this invocation used it already. */
  peek(entry: Entry, level: number, position: number): Page | undefined;
  /** Keep a block where none was. */
  put(page: Page, bit: number, block: Block): void;
  /** Reckon a page's size anew, since its blocks have grown. */
  resize(page: Page): void;
  drop(entry: Entry): void;
  clear(): void;
  /** Forget pages, the longest unused first, until the rest fits; none that this invocation used. */
  evict(): void;
  readonly usedBytes: number;
}

/** What a page and its share of an entry cost beside its blocks. */
const pageBytes = 800;

export function createTileCache(
  levelCounts: readonly number[],
  maxBytes: number,
  spanMs: (view: number, level: number) => number,
): TileCache {
  const entries = levelCounts.map(() => new Map<string, Entry>());
  /** In the order of their last use. */
  const pages = new Set<Page>();
  let terms: CacheTerms = {
    nowMs: 0,
    isSole: false,
    emptyAfterMs: Number.POSITIVE_INFINITY,
    isContinued: false,
  };
  let serial = 0;
  let epoch = 0;
  let usedBytes = 0;

  return {
    begin(given) {
      terms = given;
      serial++;
      if (!given.isContinued) epoch++;
    },
    find: (view, key) => entries[view]!.get(key),
    open,
    page,
    peek(entry, level, position) {
      const found = entry.levels[level]!.get(position);
      return found?.serial === serial ? found : undefined;
    },
    put(at, bit, block) {
      at.blocks[bit] = block;
      at.present |= 1 << bit;
      at.known |= 1 << bit;
      const sizeBytes = bytesOf(block);
      at.sizeBytes += sizeBytes;
      usedBytes += sizeBytes;
    },
    resize,
    drop,
    clear() {
      for (const each of entries) each.clear();
      pages.clear();
      usedBytes = 0;
    },
    evict,
    get usedBytes() {
      return usedBytes;
    },
  };

  function open(view: number, key: string): Entry {
    let entry = entries[view]!.get(key);
    if (entry === undefined) {
      const levels = Array.from({ length: levelCounts[view]! }, () => new Map<number, Page>());
      entry = { view, key, levels, emptyAfterMs: terms.emptyAfterMs, epoch };
      entries[view]!.set(key, entry);
    }
    // What was known to be empty stays so while this environment is the only writer.
    if (entry.epoch !== epoch || entry.emptyAfterMs === Number.POSITIVE_INFINITY)
      entry.emptyAfterMs = terms.emptyAfterMs;
    entry.epoch = epoch;
    return entry;
  }

  function page(entry: Entry, level: number, position: number): Page {
    const pagesOfLevel = entry.levels[level]!;
    let found = pagesOfLevel.get(position);
    if (found === undefined) {
      found = createPage(entry, { level, position, serial, epoch, nowMs: terms.nowMs });
      pagesOfLevel.set(position, found);
      pages.add(found);
      usedBytes += found.sizeBytes;
    } else if (found.serial !== serial) refresh(found);
    return found;
  }

  function refresh(page: Page): void {
    const isYoung = terms.nowMs - page.readAtMs <= maxAgeMs;
    const isExact = terms.isSole && page.epoch === epoch;
    const kept = !isYoung ? 0 : isExact ? page.known : page.final & page.known;
    if (!isYoung) page.entry.emptyAfterMs = terms.emptyAfterMs;
    if (kept !== page.known) {
      for (let gone = page.present & ~kept; gone !== 0; gone &= gone - 1)
        page.blocks[31 - Math.clz32(gone & -gone)] = undefined;
      page.known = kept;
      page.present &= kept;
      page.final &= kept;
      resize(page);
    }
    if (kept === 0) page.readAtMs = terms.nowMs;
    page.serial = serial;
    page.epoch = epoch;
    pages.delete(page);
    pages.add(page);
  }

  function resize(page: Page): void {
    let sizeBytes = pageBytes;
    for (let rest = page.present; rest !== 0; rest &= rest - 1)
      sizeBytes += bytesOf(page.blocks[31 - Math.clz32(rest & -rest)]!);
    usedBytes += sizeBytes - page.sizeBytes;
    page.sizeBytes = sizeBytes;
  }

  function drop(entry: Entry): void {
    entries[entry.view]!.delete(entry.key);
    for (const level of entry.levels) {
      for (const each of level.values()) {
        pages.delete(each);
        usedBytes -= each.sizeBytes;
      }
      level.clear();
    }
  }

  function evict(): void {
    for (const oldest of pages) {
      if (usedBytes <= maxBytes || oldest.serial === serial) return;
      const { entry, level, position } = oldest;
      pages.delete(oldest);
      usedBytes -= oldest.sizeBytes;
      entry.levels[level]!.delete(position);
      // What was written there is no longer in memory.
      const endMs = (position + 1) * pageBlocks * spanMs(entry.view, level);
      entry.emptyAfterMs = Math.max(entry.emptyAfterMs, endMs - 1);
      if (entry.levels.every((each) => each.size === 0)) entries[entry.view]!.delete(entry.key);
    }
  }
}

function createPage(
  entry: Entry,
  at: { level: number; position: number; serial: number; epoch: number; nowMs: number },
): Page {
  return {
    entry,
    level: at.level,
    position: at.position,
    blocks: new Array<Block | undefined>(pageBlocks).fill(undefined),
    known: 0,
    present: 0,
    final: 0,
    wanted: 0,
    serial: at.serial,
    epoch: at.epoch,
    readAtMs: at.nowMs,
    sizeBytes: pageBytes,
  };
}

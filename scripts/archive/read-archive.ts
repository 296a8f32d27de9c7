import {
  type ArchivedRange,
  archivePrefix,
  parseArchiveKey,
} from "../../functions/contract/archived-event.ts";
import type { ObjectStore } from "../redrive/object-store.ts";
import type { PastEvent } from "./archived-object.ts";
import { type BatchCursor, leastOf, openCursor } from "./batch-cursor.ts";
import { type ShardObject, shardSequence } from "./shard-sequence.ts";

export interface ReadArchiveOptions {
  /** The data bucket. */
  readonly store: Pick<ObjectStore, "list" | "get">;
  /** Only what arrived on the stream from `from` on and before `until`, epoch milliseconds. @default everything */
  readonly from?: number;
  readonly until?: number;
  /** Told of objects and lines that cannot be read; the rest is read on. */
  readonly noteDamaged: (message: string) => void;
}

/** What the archive holds of a span of time; each reading reads it anew. */
export interface Archive {
  /** Names of the shards, in the order in which they were made: parents before their children. */
  readonly shards: readonly string[];
  readonly objectCount: number;
  /** Every event of a shard once, in stream order. */
  shard(name: string): AsyncGenerator<PastEvent>;
  /** Every event once: by arrival, then by shard, and those of a shard always in stream order. */
  all(): AsyncGenerator<PastEvent>;
}

/**
 * List the archive; its objects are read as they come to be needed.
 *
 * In memory are the names of the objects, and of each shard some events of the one or two objects that are being read.
 */
export async function readArchive(options: ReadArchiveOptions): Promise<Archive> {
  const { store, noteDamaged, from = -Infinity, until = Infinity } = options;
  const objects = new Map<string, ShardObject[]>();
  for (const prefix of prefixesOf(from, until)) {
    for await (const key of store.list(prefix)) {
      const range = parseArchiveKey(key);
      if (range === undefined || !touches(range, from, until)) continue;
      const { shard, first } = range;
      const ofShard = objects.get(shard);
      if (ofShard === undefined) objects.set(shard, [{ key, first }]);
      else ofShard.push({ key, first });
    }
  }
  const shards = [...objects.keys()].sort();
  return {
    shards,
    objectCount: [...objects.values()].reduce((count, { length }) => count + length, 0),
    async *shard(name) {
      for await (const batch of batchesOf(name)) yield* batch;
    },
    async *all() {
      const opened = await Promise.all(shards.map((shard) => openCursor(batchesOf(shard))));
      yield* merge(opened.filter((cursor) => cursor !== undefined));
    },
  };

  async function* batchesOf(shard: string): AsyncGenerator<readonly PastEvent[]> {
    for await (const batch of shardSequence(objects.get(shard) ?? [], store, noteDamaged))
      yield batch.filter(({ arrivedAtMs }) => arrivedAtMs >= from && arrivedAtMs < until);
  }
}

/** @param cursors - in the order that decides where two events arrived at the same time. */
async function* merge(cursors: BatchCursor<PastEvent>[]): AsyncGenerator<PastEvent> {
  let open = cursors;
  try {
    while (open.length > 0) {
      const least = leastOf(open, (a, b) => a.arrivedAtMs - b.arrivedAtMs);
      yield least.head;
      if (!(await least.advance())) open = open.filter((each) => each !== least);
    }
  } finally {
    for (const each of open) await each.close();
  }
}

const msPerHour = 3_600_000;
const msPerDay = 24 * msPerHour;
/** Spans of more days are listed as a whole. */
const maxListedDays = 1000;

/** What the keys of a span begin with: a prefix per day where both ends are given. */
function prefixesOf(from: number, until: number): readonly string[] {
  const firstDay = Math.floor(from / msPerDay);
  const dayCount = Math.ceil(until / msPerDay) - firstDay;
  if (!(dayCount <= maxListedDays)) return ["archive/"];
  return Array.from({ length: Math.max(0, dayCount) }, (_, i) =>
    archivePrefix((firstDay + i) * msPerDay).slice(0, -"hh/".length),
  );
}

/** Whether an object's hour lies in a span, in part or as a whole. */
function touches({ arrivalMs }: ArchivedRange, from: number, until: number): boolean {
  return arrivalMs + msPerHour > from && arrivalMs < until;
}

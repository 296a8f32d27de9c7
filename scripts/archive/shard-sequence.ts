import { markOf } from "../../functions/core/state/mark.ts";
import type { ObjectStore } from "../redrive/object-store.ts";
import { type PastEvent, type PlacedEvent, readArchivedObject } from "./archived-object.ts";
import { type BatchCursor, leastOf, openCursor } from "./batch-cursor.ts";

/** An object of one shard, and what stands first in it. */
export interface ShardObject {
  readonly key: string;
  /** Sequence number. */
  readonly first: string;
}

const byPlace = (a: PlacedEvent, b: PlacedEvent): number => (a.mark < b.mark ? -1 : a.mark > b.mark ? 1 : 0);
/** Events given at a time: what takes one by one would wait for a promise each. */
const batchLength = 256;

/**
 * Read objects of one shard as one sequence in stream order, doubles left out, some events at a time.
 *
 * Objects overlap where a batch was delivered again in other parts: only those that do are open together.
 */
export async function* shardSequence(
  objects: readonly ShardObject[],
  store: Pick<ObjectStore, "get">,
  noteDamaged: (message: string) => void,
): AsyncGenerator<readonly PastEvent[]> {
  const waiting = objects
    .map(({ key, first }) => ({ key, first: markOf(first, 0) }))
    .sort((a, b) => (a.first < b.first ? 1 : a.first > b.first ? -1 : a.key < b.key ? 1 : -1));
  let open: BatchCursor<PlacedEvent>[] = [];
  let batch: PastEvent[] = [];
  let newest = "";
  try {
    for (;;) {
      await openDue();
      if (open.length === 0) break;
      const least = leastOf(open, byPlace);
      const { mark, event } = least.head;
      if (mark !== newest) batch.push(event);
      newest = mark;
      if (!(await least.advance())) open = open.filter((each) => each !== least);
      if (batch.length < batchLength) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    for (const each of open) await each.close();
  }

  /** Open every object that may hold what comes next. */
  async function openDue(): Promise<void> {
    for (;;) {
      const next = waiting.at(-1);
      if (next === undefined) return;
      if (open.length > 0 && leastOf(open, byPlace).head.mark < next.first) return;
      waiting.pop();
      const cursor = await openCursor(readArchivedObject(store, next.key, noteDamaged));
      if (cursor !== undefined) open.push(cursor);
    }
  }
}

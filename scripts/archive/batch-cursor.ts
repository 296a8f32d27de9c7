/** Walks through items that come some at a time. */
export interface BatchCursor<Item> {
  /** The item it stands at. */
  readonly head: Item;
  /** @returns whether there is another item. */
  advance(): Promise<boolean>;
  close(): Promise<void>;
}

/** @returns a cursor at the first item; undefined where there is none. */
export async function openCursor<Item>(
  batches: AsyncGenerator<readonly Item[]>,
): Promise<BatchCursor<Item> | undefined> {
  let batch: readonly Item[] = [];
  let at = 0;
  const cursor: BatchCursor<Item> = {
    get head() {
      return batch[at]!;
    },
    async advance() {
      at++;
      while (at >= batch.length) {
        const next = await batches.next();
        if (next.done === true) return false;
        batch = next.value;
        at = 0;
      }
      return true;
    },
    close: async () => void (await batches.return(undefined)),
  };
  return (await cursor.advance()) ? cursor : undefined;
}

/** The cursor whose head comes first, the earliest of the list where several do. @param cursors - at least one. */
export function leastOf<Item>(
  cursors: readonly BatchCursor<Item>[],
  compare: (a: Item, b: Item) => number,
): BatchCursor<Item> {
  return cursors.reduce((least, each) => (compare(each.head, least.head) < 0 ? each : least));
}

import type {
  FailedWrite,
  ShardPart,
  ShardStateStore,
  StateItem,
  StateRange,
  StateWrite,
} from "../../core/state/shard-state-store.ts";
import { compareUtf8 } from "../../core/state/utf8-order.ts";

/** One stored item, as the table holds it. */
export interface StoredState extends StateItem {
  readonly partitionKey: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

interface Partition {
  /** Ascending. */
  readonly sortKeys: string[];
  readonly items: Map<string, { readonly parts: Map<string, ShardPart>; expiresAt: number }>;
}

/** State in maps. Like the table it keeps what has expired: expiry only says what may be forgotten. */
export class MemoryShardStateStore implements ShardStateStore {
  readonly #partitions = new Map<string, Partition>();

  /** Every item, by partition in the order of their first write, then by sort key. */
  get items(): readonly StoredState[] {
    return [...this.#partitions].flatMap(([partitionKey, partition]) =>
      partition.sortKeys.map((sortKey) => ({
        partitionKey,
        ...itemOf(partition, sortKey),
        expiresAt: partition.items.get(sortKey)!.expiresAt,
      })),
    );
  }

  /** Forget what has expired, as the table does in its own time. @param nowSeconds - epoch seconds */
  forget(nowSeconds: number): void {
    for (const [partitionKey, { sortKeys, items }] of this.#partitions) {
      const kept = sortKeys.filter((sortKey) => items.get(sortKey)!.expiresAt >= nowSeconds);
      if (kept.length === sortKeys.length) continue;
      for (const [sortKey, { expiresAt }] of items) if (expiresAt < nowSeconds) items.delete(sortKey);
      sortKeys.splice(0, sortKeys.length, ...kept);
      if (kept.length === 0) this.#partitions.delete(partitionKey);
    }
  }

  async read(ranges: readonly StateRange[]): Promise<readonly (readonly StateItem[])[]> {
    return ranges.map(({ partitionKey, from, to }) => {
      const partition = this.#partitions.get(partitionKey);
      if (partition === undefined) return [];
      const items: StateItem[] = [];
      const { sortKeys } = partition;
      for (let i = firstNotBelow(sortKeys, from); i < sortKeys.length; i++) {
        if (compareUtf8(sortKeys[i]!, to) > 0) break;
        items.push(itemOf(partition, sortKeys[i]!));
      }
      return items;
    });
  }

  async write(writes: readonly StateWrite[]): Promise<readonly FailedWrite[]> {
    return writes.flatMap((write, index) =>
      this.#writeOne(write) ? [] : [{ index, reason: "conflict" } as const],
    );
  }

  #writeOne({ partitionKey, sortKey, shard, expected, part, expiresAt }: StateWrite): boolean {
    const partition = this.#partitions.get(partitionKey) ?? { sortKeys: [], items: new Map() };
    const item = partition.items.get(sortKey) ?? { parts: new Map<string, ShardPart>(), expiresAt };
    const standing = item.parts.get(shard)?.mark;
    if (standing !== expected) return standing === part.mark;
    if (!partition.items.has(sortKey)) {
      partition.sortKeys.splice(firstNotBelow(partition.sortKeys, sortKey), 0, sortKey);
      partition.items.set(sortKey, item);
      this.#partitions.set(partitionKey, partition);
    }
    item.parts.set(shard, copyOf(part));
    item.expiresAt = expiresAt;
    return true;
  }
}

/** A copy, as it would come over the wire: what writers and readers do to their bytes stays theirs. */
function itemOf({ items }: Partition, sortKey: string): StateItem {
  const { parts } = items.get(sortKey)!;
  return { sortKey, parts: new Map([...parts].map(([shard, part]) => [shard, copyOf(part)])) };
}

function copyOf({ mark, body }: ShardPart): ShardPart {
  return { mark, body: body.slice() };
}

/** Position of the first sort key that is not below the given one. */
function firstNotBelow(sortKeys: readonly string[], sortKey: string): number {
  let low = 0;
  let high = sortKeys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(sortKeys[middle]!, sortKey) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

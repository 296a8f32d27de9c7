import type { Mark } from "./mark.ts";
import type { ShardPart, ShardStateStore, StateWrite } from "./shard-state-store.ts";

/** Something to be counted into the item of its sort key. */
export interface Counted {
  readonly mark: Mark;
}

export interface CountSave<Item extends Counted> {
  readonly store: ShardStateStore;
  readonly partitionKey: string;
  readonly shard: string;
  /** In stream order. */
  readonly items: readonly Item[];
  readonly sortKeyOf: (item: Item) => string;
  /**
   * What a part holds with more counted in.
   *
   * @param standing - as it is stored; undefined where the shard has none yet.
   * @param fresh - at least one, ascending by mark.
   */
  readonly countIn: (standing: Uint8Array | undefined, fresh: readonly Item[]) => Uint8Array;
  /** When the items may be forgotten, epoch seconds. */
  readonly expiresAt: number;
}

/**
 * Count items into this shard's parts, each once however often it is given: what a part's mark covers is in it.
 *
 * @returns the lowest mark that is not counted, undefined where all are.
 * @throws {DependencyError} when the parts cannot be read.
 */
export async function saveCounts<Item extends Counted>(save: CountSave<Item>): Promise<Mark | undefined> {
  const { store, partitionKey, shard, expiresAt } = save;
  const groups = [...Map.groupBy(save.items, save.sortKeyOf)];
  if (groups.length === 0) return undefined;
  const stored = await store.read(groups.map(([key]) => ({ partitionKey, from: key, to: key })));
  const plans = groups.flatMap(([sortKey, items], i) => {
    const standing = stored[i]![0]?.parts.get(shard);
    const fresh = items.filter(({ mark }) => standing === undefined || mark > standing.mark);
    return fresh.length === 0 ? [] : [{ sortKey, standing, fresh }];
  });
  const failed = await store.write(
    plans.map(({ sortKey, standing, fresh }): StateWrite => {
      const part: ShardPart = { mark: fresh.at(-1)!.mark, body: save.countIn(standing?.body, fresh) };
      return { partitionKey, sortKey, shard, expected: standing?.mark, part, expiresAt };
    }),
  );
  return failed.map(({ index }) => plans[index]!.fresh[0]!.mark).sort()[0];
}

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { InvariantError } from "../../core/errors.ts";
import type { ShardPart, StateItem } from "../../core/state/shard-state-store.ts";
import type { Item } from "./query-items.ts";

const prefix = "s:";

/** Name of the attribute that holds a shard's part of an item. */
export function partName(shard: string): string {
  return prefix + shard;
}

/** A part as an attribute: a map of its mark `m` and its body `b`. */
export function toPartAttribute({ mark, body }: ShardPart): AttributeValue {
  return { M: { m: { S: mark }, b: { B: body } } };
}

/** The mark of a shard's part of an item; undefined where it has none. */
export function markIn(item: Item | undefined, shard: string): string | undefined {
  return item?.[partName(shard)]?.M?.m?.S;
}

/** @throws {InvariantError} when an attribute that should be a part is none. */
export function toStateItem(item: Item): StateItem {
  const parts = new Map<string, ShardPart>();
  for (const [name, value] of Object.entries(item)) {
    if (!name.startsWith(prefix)) continue;
    const mark = value.M?.m?.S;
    const body = value.M?.b?.B;
    if (mark === undefined || body === undefined) {
      throw new InvariantError(
        `state ${item.pk?.S} ${item.sk?.S}: got an attribute "${name}" that is no map of m (string) and b (binary)`,
        { details: { partitionKey: item.pk?.S, sortKey: item.sk?.S, name } },
      );
    }
    parts.set(name.slice(prefix.length), { mark, body });
  }
  return { sortKey: item.sk!.S!, parts };
}

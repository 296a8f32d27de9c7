import type { Item } from "./attribute-value.ts";
import { type ConsumedCapacity, consumed, type ReturnConsumedCapacity, writeUnits } from "./capacity.ts";
import { ConditionalCheckFailed } from "./errors.ts";
import type { Condition } from "./expressions/condition.ts";
import { holds } from "./expressions/evaluate-condition.ts";
import type { StoredItem } from "./sorted-items.ts";
import type { ItemKey, Table } from "./table.ts";

/** What stands at a key before a write, and the write's condition on it. */
export interface WriteCheck {
  readonly key: ItemKey;
  readonly condition: Condition | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE" | undefined;
}

/**
 * Read what stands, if a write's condition holds for it.
 *
 * @returns undefined where nothing stands.
 * @throws {ConditionalCheckFailed} with what stands, where the caller asked for that.
 */
export function readForWrite(
  table: Table,
  { key, condition, ReturnValuesOnConditionCheckFailure }: WriteCheck,
): StoredItem | undefined {
  const before = table.get(key);
  if (condition === undefined || holds(condition, before?.item ?? {})) return before;
  throw new ConditionalCheckFailed(
    ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? before?.item : undefined,
  );
}

/** @returns what a write of one item answers. */
export function writeAnswer(
  request: { readonly TableName: string; readonly ReturnConsumedCapacity?: ReturnConsumedCapacity },
  stored: { readonly before: StoredItem | undefined; readonly after: StoredItem | undefined },
  attributes: Item | undefined,
): { readonly Attributes: Item | undefined; readonly ConsumedCapacity: ConsumedCapacity | undefined } {
  const units = writeUnits(stored.before?.sizeBytes ?? 0, stored.after?.sizeBytes ?? 0);
  return {
    Attributes: attributes,
    ConsumedCapacity: consumed(request.ReturnConsumedCapacity, request.TableName, units),
  };
}

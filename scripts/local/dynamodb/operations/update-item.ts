import { z } from "zod";
import { type Item, parseItem } from "../attribute-value.ts";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { applyUpdate } from "../expressions/apply-update.ts";
import { createExpressionScope } from "../expressions/expression-scope.ts";
import { parseCondition } from "../expressions/parse-condition.ts";
import { parseUpdate, type UpdateAction } from "../expressions/parse-update.ts";
import { project } from "../expressions/projection.ts";
import { measureItem } from "../item-size.ts";
import { attributesField, parseInput, writeFields } from "../parse-input.ts";
import { keyOf, type Table } from "../table.ts";
import { readForWrite, writeAnswer } from "../write-item.ts";

const schema = z.object({
  ...writeFields,
  Key: attributesField,
  UpdateExpression: z.string().optional(),
});

export function updateItem(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  const { UpdateExpression, ConditionExpression, ReturnValues = "NONE" } = request;
  const itemKey = parseItem(request.Key);
  const scope = createExpressionScope(request, { UpdateExpression, ConditionExpression });
  const actions = parseUpdate(UpdateExpression, scope);
  const condition = parseCondition("ConditionExpression", request, scope);
  scope.refuseUnused();
  const table = findTable(context, request.TableName);
  const key = keyOf(table, itemKey);
  refuseKeyAttributes(table, actions);
  const before = readForWrite(table, { ...request, key, condition });
  const after = measureItem(
    applyUpdate(before?.item ?? itemKey, actions),
    "Item size to update has exceeded the maximum allowed size",
  );
  table.put(key, after);
  const returned = ReturnValues.endsWith("_OLD") ? before?.item : after.item;
  return writeAnswer(request, { before, after }, attributesOf(returned, ReturnValues, actions));
}

function refuseKeyAttributes(table: Table, actions: readonly UpdateAction[]): void {
  for (const { name } of table.keys) {
    if (!actions.some(({ path }) => path[0] === name)) continue;
    throw invalid(
      `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
    );
  }
}

/** @returns undefined where there is nothing to return. */
function attributesOf(
  item: Item | undefined,
  returned: string,
  actions: readonly UpdateAction[],
): Item | undefined {
  if (item === undefined || returned === "NONE") return undefined;
  if (returned.startsWith("ALL_")) return item;
  const updated = project(
    item,
    actions.map(({ path }) => path),
  );
  return Object.keys(updated).length === 0 ? undefined : updated;
}

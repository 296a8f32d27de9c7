import { z } from "zod";
import { sortable } from "../compare-values.ts";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import type { Condition, Operand } from "../expressions/condition.ts";
import { createExpressionScope } from "../expressions/expression-scope.ts";
import { type KeyCondition, stretchOf, toKeyCondition } from "../expressions/key-condition.ts";
import { parseCondition } from "../expressions/parse-condition.ts";
import { parseProjection } from "../expressions/projection.ts";
import { pageFields, refuseIndex, refuseSelect, startKeyOf } from "../page-input.ts";
import { parseInput } from "../parse-input.ts";
import { readPage } from "../read-page.ts";
import { SortedItems, type StoredItem, type Stretch } from "../sorted-items.ts";
import type { ItemKey, Table } from "../table.ts";

const schema = z.object({
  ...pageFields,
  KeyConditionExpression: z.string().optional(),
  ScanIndexForward: z.boolean().optional(),
});

export function query(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  const { ProjectionExpression, FilterExpression, KeyConditionExpression, ScanIndexForward = true } = request;
  const scope = createExpressionScope(request, {
    ProjectionExpression,
    FilterExpression,
    KeyConditionExpression,
  });
  refuseSelect(request);
  const condition = parseCondition("KeyConditionExpression", request, scope);
  if (condition === undefined) {
    throw invalid(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    );
  }
  const filter = parseCondition("FilterExpression", request, scope);
  const paths = parseProjection(request, scope);
  scope.refuseUnused();
  const table = findTable(context, request.TableName);
  refuseIndex(table, request);
  const keyCondition = toKeyCondition(condition, table);
  if (filter !== undefined) refuseKeys(table, filter);
  const start = startKeyOf(table, request);
  const partition = sortable(keyCondition.partition);
  const items = table.partition(partition) ?? new SortedItems();
  const within = stretchOf(items, keyCondition.sort);
  if (start !== undefined) refuseOutside(start, partition, keyCondition);
  const stretch = start === undefined ? within : after(start, items, within, ScanIndexForward);
  return readPage(table, walk(items, stretch, ScanIndexForward), { ...request, filter, paths });
}

function* walk(items: SortedItems, { from, to }: Stretch, forward: boolean): Generator<StoredItem> {
  if (forward) for (let i = from; i < to; i++) yield items.at(i);
  else for (let i = to - 1; i >= from; i--) yield items.at(i);
}

/** @returns what of a stretch comes after the start key, in the direction of the query. */
function after(start: ItemKey, items: SortedItems, { from, to }: Stretch, forward: boolean): Stretch {
  return forward
    ? { from: Math.max(from, items.positionAfter(start.sort)), to }
    : { from, to: Math.min(to, items.positionOf(start.sort)) };
}

/** A page ends within what the query asks for, so a key from elsewhere is a mistake. */
function refuseOutside(start: ItemKey, partition: string, { sort }: KeyCondition): void {
  if (start.partition !== partition) {
    throw invalid(
      sort === undefined
        ? "The provided starting key is outside query boundaries based on provided conditions"
        : "The query can return at most one row and cannot be restarted",
    );
  }
  const alone = new SortedItems();
  alone.set(start.sort, { item: {}, sizeBytes: 0 });
  const { from, to } = stretchOf(alone, sort);
  if (from < to) return;
  throw invalid("The provided starting key does not match the range key predicate");
}

/** @throws {AwsError} `ValidationException`: what stands in the key is asked for by the key condition. */
function refuseKeys(table: Table, filter: Condition): void {
  for (const { name } of table.keys) {
    if (!namesOf(filter).has(name)) continue;
    throw invalid(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
    );
  }
}

/** The attributes that a condition looks at. */
function namesOf(part: Condition | Operand): ReadonlySet<string> {
  switch (part.kind) {
    case "and":
    case "or":
    case "compare":
      return new Set([...namesOf(part.left), ...namesOf(part.right)]);
    case "not":
      return namesOf(part.condition);
    case "between":
      return new Set([part.operand, part.lower, part.upper].flatMap((each) => [...namesOf(each)]));
    case "in":
      return new Set([part.operand, ...part.candidates].flatMap((each) => [...namesOf(each)]));
    case "beginsWith":
    case "contains":
      return new Set([...namesOf(part.operand), ...namesOf(part.part)]);
    case "type":
      return namesOf(part.operand);
    case "exists":
    case "path":
      return new Set([part.path[0]]);
    case "size":
      return namesOf(part.of);
    case "value":
      return new Set();
  }
}

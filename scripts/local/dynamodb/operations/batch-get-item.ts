import { z } from "zod";
import { type Item, parseItem } from "../attribute-value.ts";
import { consumed, readUnits } from "../capacity.ts";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { createExpressionScope } from "../expressions/expression-scope.ts";
import { parseProjection, project } from "../expressions/projection.ts";
import {
  attributesField,
  parseInput,
  placeholderFields,
  returnConsumedCapacityField,
  tableNameField,
} from "../parse-input.ts";
import { keyOf } from "../table.ts";

const maxKeys = 100;
/** What one answer holds of items; keys beyond come back unprocessed. */
const maxAnswerBytes = 16 * 1024 * 1024;

const schema = z.object({
  RequestItems: z
    .record(
      tableNameField,
      z.object({
        Keys: z.array(attributesField).min(1).max(maxKeys),
        ConsistentRead: z.boolean().optional(),
        ProjectionExpression: z.string().optional(),
        ExpressionAttributeNames: placeholderFields.ExpressionAttributeNames,
      }),
    )
    .refine((tables) => Object.keys(tables).length > 0),
  ReturnConsumedCapacity: returnConsumedCapacityField,
});

type TableRequest = z.output<typeof schema>["RequestItems"][string];

export function batchGetItem(context: DynamoDbContext, input: unknown): object {
  const { RequestItems, ReturnConsumedCapacity } = parseInput(schema, input);
  const tables = Object.entries(RequestItems);
  if (tables.reduce((total, [, { Keys }]) => total + Keys.length, 0) > maxKeys) {
    throw invalid("Too many items requested for the BatchGetItem call");
  }
  const Responses: Record<string, Item[]> = {};
  const UnprocessedKeys: Record<string, TableRequest> = {};
  const ConsumedCapacity = [];
  let sizeBytes = 0;
  for (const { name, request, find, paths } of tables.map(([name, request]) =>
    prepare(context, name, request),
  )) {
    const items: Item[] = [];
    const left: unknown[] = [];
    let units = 0;
    for (const [i, found] of find().entries()) {
      const foundBytes = found?.sizeBytes ?? 0;
      if (sizeBytes + foundBytes > maxAnswerBytes) {
        left.push(request.Keys[i]);
        continue;
      }
      sizeBytes += foundBytes;
      units += readUnits(foundBytes, request.ConsistentRead);
      if (found !== undefined) items.push(project(found.item, paths));
    }
    Responses[name] = items;
    if (left.length > 0) UnprocessedKeys[name] = { ...request, Keys: left };
    ConsumedCapacity.push(consumed(ReturnConsumedCapacity, name, units));
  }
  return {
    Responses,
    UnprocessedKeys,
    ConsumedCapacity: ConsumedCapacity[0] === undefined ? undefined : ConsumedCapacity,
  };
}

/** Check what is asked of one table, so that nothing is read before all is known to be right. */
function prepare(context: DynamoDbContext, name: string, request: TableRequest) {
  const { ProjectionExpression } = request;
  const scope = createExpressionScope(request, { ProjectionExpression });
  const paths = parseProjection(request, scope);
  scope.refuseUnused();
  const itemKeys = request.Keys.map((key) => parseItem(key));
  const table = findTable(context, name);
  const keys = itemKeys.map((key) => keyOf(table, key));
  if (new Set(keys.map(({ partition, sort }) => JSON.stringify([partition, sort]))).size < keys.length) {
    throw invalid("Provided list of item keys contains duplicates");
  }
  return { name, request, paths, find: () => keys.map((key) => table.get(key)) };
}

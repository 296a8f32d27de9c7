import { z } from "zod";
import { parseItem } from "../attribute-value.ts";
import { consumed, readUnits } from "../capacity.ts";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
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

const schema = z.object({
  TableName: tableNameField,
  Key: attributesField,
  ConsistentRead: z.boolean().optional(),
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: placeholderFields.ExpressionAttributeNames,
  ReturnConsumedCapacity: returnConsumedCapacityField,
});

export function getItem(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  const { TableName, ProjectionExpression, ConsistentRead } = request;
  const itemKey = parseItem(request.Key);
  const scope = createExpressionScope(request, { ProjectionExpression });
  const paths = parseProjection(request, scope);
  scope.refuseUnused();
  const table = findTable(context, TableName);
  const found = table.get(keyOf(table, itemKey));
  const units = readUnits(found?.sizeBytes ?? 0, ConsistentRead);
  return {
    Item: found && project(found.item, paths),
    ConsumedCapacity: consumed(request.ReturnConsumedCapacity, TableName, units),
  };
}

import { z } from "zod";
import { parseItem } from "../attribute-value.ts";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { createExpressionScope } from "../expressions/expression-scope.ts";
import { parseCondition } from "../expressions/parse-condition.ts";
import { attributesField, parseInput, writeFields } from "../parse-input.ts";
import { keyOf } from "../table.ts";
import { readForWrite, writeAnswer } from "../write-item.ts";

const schema = z.object({ ...writeFields, Key: attributesField });

export function deleteItem(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  const { ConditionExpression, ReturnValues = "NONE" } = request;
  const itemKey = parseItem(request.Key);
  if (ReturnValues !== "ALL_OLD" && ReturnValues !== "NONE") {
    throw invalid("ReturnValues can only be ALL_OLD or NONE");
  }
  const scope = createExpressionScope(request, { ConditionExpression });
  const condition = parseCondition("ConditionExpression", request, scope);
  scope.refuseUnused();
  const table = findTable(context, request.TableName);
  const key = keyOf(table, itemKey);
  const before = readForWrite(table, { ...request, key, condition });
  table.delete(key);
  return writeAnswer(
    request,
    { before, after: undefined },
    ReturnValues === "ALL_OLD" ? before?.item : undefined,
  );
}

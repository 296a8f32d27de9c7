import { z } from "zod";
import { parseItem } from "../attribute-value.ts";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { createExpressionScope } from "../expressions/expression-scope.ts";
import { parseCondition } from "../expressions/parse-condition.ts";
import { measureItem } from "../item-size.ts";
import { attributesField, parseInput, writeFields } from "../parse-input.ts";
import { keyOfItem } from "../table.ts";
import { readForWrite, writeAnswer } from "../write-item.ts";

const schema = z.object({ ...writeFields, Item: attributesField });

export function putItem(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  const { ConditionExpression, ReturnValues = "NONE" } = request;
  const item = parseItem(request.Item);
  if (ReturnValues !== "ALL_OLD" && ReturnValues !== "NONE") {
    throw invalid("ReturnValues can only be ALL_OLD or NONE");
  }
  const after = measureItem(item, "Item size has exceeded the maximum allowed size");
  const scope = createExpressionScope(request, { ConditionExpression });
  const condition = parseCondition("ConditionExpression", request, scope);
  scope.refuseUnused();
  const table = findTable(context, request.TableName);
  const key = keyOfItem(table, item);
  const before = readForWrite(table, { ...request, key, condition });
  table.put(key, after);
  return writeAnswer(request, { before, after }, ReturnValues === "ALL_OLD" ? before?.item : undefined);
}

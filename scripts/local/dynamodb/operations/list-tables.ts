import { z } from "zod";
import type { DynamoDbContext } from "../dynamodb-context.ts";
import { parseInput, tableNameField } from "../parse-input.ts";

const schema = z.object({
  ExclusiveStartTableName: tableNameField.optional(),
  Limit: z.number().int().min(1).max(100).default(100),
});

export function listTables(context: DynamoDbContext, input: unknown): object {
  const { ExclusiveStartTableName: start = "", Limit } = parseInput(schema, input);
  const names = [...context.tables.keys()].filter((name) => name > start).sort();
  const TableNames = names.slice(0, Limit);
  return { TableNames, LastEvaluatedTableName: names.length > Limit ? TableNames.at(-1) : undefined };
}

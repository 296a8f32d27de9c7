import { z } from "zod";
import { type DynamoDbContext, findNamedTable } from "../dynamodb-context.ts";
import { parseInput, tableNameField } from "../parse-input.ts";
import { tableDescription } from "./describe-table.ts";

const schema = z.object({ TableName: tableNameField });

export function deleteTable(context: DynamoDbContext, input: unknown): object {
  const { TableName } = parseInput(schema, input);
  const table = findNamedTable(context, TableName);
  context.tables.delete(TableName);
  return { TableDescription: tableDescription(table, "DELETING") };
}

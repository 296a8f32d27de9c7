import { z } from "zod";
import { type DynamoDbContext, findNamedTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { parseInput, tableNameField } from "../parse-input.ts";
import { tableDescription } from "./describe-table.ts";
import { billingFields, throughputOf } from "./throughput.ts";

const schema = z.object({
  TableName: tableNameField,
  ...billingFields,
  GlobalSecondaryIndexUpdates: z.array(z.unknown()).optional(),
  StreamSpecification: z.unknown().optional(),
});

/** How a table is billed can be changed, and nothing else. */
export function updateTable(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  if (request.GlobalSecondaryIndexUpdates?.length) {
    throw invalid("the embedded DynamoDB changes no indexes; create the table with them");
  }
  if (request.StreamSpecification !== undefined) throw invalid("the embedded DynamoDB has no streams");
  if (request.BillingMode === undefined && request.ProvisionedThroughput === undefined) {
    throw invalid(
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
    );
  }
  const table = findNamedTable(context, request.TableName);
  const BillingMode = request.BillingMode ?? (table.definition.onDemand ? "PAY_PER_REQUEST" : "PROVISIONED");
  table.definition = { ...table.definition, ...throughputOf({ ...request, BillingMode }) };
  return { TableDescription: tableDescription(table) };
}

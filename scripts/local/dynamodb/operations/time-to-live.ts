import { z } from "zod";
import { type DynamoDbContext, findNamedTable } from "../dynamodb-context.ts";
import { parseInput, tableNameField } from "../parse-input.ts";

const describeSchema = z.object({ TableName: tableNameField });
const updateSchema = z.object({
  TableName: tableNameField,
  TimeToLiveSpecification: z.object({ AttributeName: z.string().min(1).max(255), Enabled: z.boolean() }),
});

export function describeTimeToLive(context: DynamoDbContext, input: unknown): object {
  const { TableName } = parseInput(describeSchema, input);
  const { timeToLiveAttribute: AttributeName } = findNamedTable(context, TableName);
  const TimeToLiveStatus = AttributeName === undefined ? "DISABLED" : "ENABLED";
  return { TimeToLiveDescription: { TimeToLiveStatus, AttributeName } };
}

export function updateTimeToLive(context: DynamoDbContext, input: unknown): object {
  const { TableName, TimeToLiveSpecification } = parseInput(updateSchema, input);
  const { AttributeName, Enabled } = TimeToLiveSpecification;
  findNamedTable(context, TableName).timeToLiveAttribute = Enabled ? AttributeName : undefined;
  return { TimeToLiveSpecification };
}

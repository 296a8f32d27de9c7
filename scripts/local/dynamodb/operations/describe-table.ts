import { z } from "zod";
import { type DynamoDbContext, findNamedTable } from "../dynamodb-context.ts";
import { parseInput, tableNameField } from "../parse-input.ts";
import type { Table } from "../table.ts";
import type { IndexDefinition } from "../table-definition.ts";

const schema = z.object({ TableName: tableNameField });

export function describeTable(context: DynamoDbContext, input: unknown): object {
  const { TableName } = parseInput(schema, input);
  return { Table: tableDescription(findNamedTable(context, TableName)) };
}

/** Every change is done when its call returns, so a table is ACTIVE as soon as it is there. */
export function tableDescription(
  { definition, itemCount, sizeBytes }: Table,
  TableStatus = "ACTIVE",
): object {
  const throughput = {
    ReadCapacityUnits: definition.readCapacityUnits,
    WriteCapacityUnits: definition.writeCapacityUnits,
    NumberOfDecreasesToday: 0,
  };
  const createdAt = definition.createdAtMs / 1000;
  const index = ({ IndexName, KeySchema, Projection }: IndexDefinition) => ({
    IndexName,
    KeySchema,
    Projection,
    IndexArn: `${definition.arn}/index/${IndexName}`,
    IndexSizeBytes: 0,
    ItemCount: 0,
  });
  const { globalIndexes, localIndexes } = definition;
  return {
    TableName: definition.name,
    TableArn: definition.arn,
    TableId: definition.id,
    TableStatus,
    CreationDateTime: createdAt,
    KeySchema: definition.keySchema,
    AttributeDefinitions: definition.attributeDefinitions,
    ItemCount: itemCount,
    TableSizeBytes: sizeBytes,
    ProvisionedThroughput: throughput,
    ...(definition.onDemand && {
      BillingModeSummary: {
        BillingMode: "PAY_PER_REQUEST",
        LastUpdateToPayPerRequestDateTime: createdAt,
      },
      TableThroughputModeSummary: { TableThroughputMode: "PAY_PER_REQUEST" },
    }),
    ...(globalIndexes.length > 0 && {
      GlobalSecondaryIndexes: globalIndexes.map((each) => ({
        ...index(each),
        IndexStatus: "ACTIVE",
        ProvisionedThroughput: throughput,
      })),
    }),
    ...(localIndexes.length > 0 && { LocalSecondaryIndexes: localIndexes.map(index) }),
  };
}

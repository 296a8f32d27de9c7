import { randomUUID } from "node:crypto";
import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { type DynamoDbContext, tableArn } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { parseInput, tableNameField } from "../parse-input.ts";
import { Table } from "../table.ts";
import type { IndexDefinition, KeySchemaElement, TableDefinition } from "../table-definition.ts";
import { tableDescription } from "./describe-table.ts";
import { tagsField } from "./tags.ts";
import { billingFields, throughputOf } from "./throughput.ts";

const keySchemaField = z
  .array(z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }))
  .min(1)
  .max(2);
const indexesField = z
  .array(
    z.object({
      IndexName: tableNameField,
      KeySchema: keySchemaField,
      Projection: z.object({
        ProjectionType: z.enum(["ALL", "INCLUDE", "KEYS_ONLY"]).optional(),
        NonKeyAttributes: z.array(z.string()).min(1).optional(),
      }),
    }),
  )
  .optional();
const schema = z.object({
  TableName: tableNameField,
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(["B", "N", "S"]) }),
  ),
  KeySchema: keySchemaField,
  ...billingFields,
  GlobalSecondaryIndexes: indexesField,
  LocalSecondaryIndexes: indexesField,
  StreamSpecification: z.object({ StreamEnabled: z.boolean() }).optional(),
  Tags: tagsField.optional(),
});

export function createTable(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  const { TableName: name } = request;
  const definition: TableDefinition = {
    name,
    arn: tableArn(name),
    id: randomUUID(),
    createdAtMs: context.clock(),
    keySchema: request.KeySchema,
    attributeDefinitions: request.AttributeDefinitions,
    ...throughputOf(request),
    globalIndexes: request.GlobalSecondaryIndexes ?? [],
    localIndexes: request.LocalSecondaryIndexes ?? [],
  };
  refuseUnfit(definition);
  if (request.StreamSpecification?.StreamEnabled) throw invalid("the embedded DynamoDB has no streams");
  if (context.tables.has(name)) {
    throw new AwsError("ResourceInUseException", `Table already exists: ${name}`);
  }
  const table = new Table(definition, new Map(request.Tags?.map(({ Key, Value }) => [Key, Value])));
  context.tables.set(name, table);
  return { TableDescription: tableDescription(table) };
}

function refuseUnfit(definition: TableDefinition): void {
  const { keySchema, globalIndexes, localIndexes, attributeDefinitions } = definition;
  const indexes = [...globalIndexes, ...localIndexes];
  for (const schema of [keySchema, ...indexes.map(({ KeySchema }) => KeySchema)]) {
    refuseUnfitKeys(schema, definition);
  }
  const used = new Set(
    [keySchema, ...indexes.map(({ KeySchema }) => KeySchema)]
      .flat()
      .map(({ AttributeName }) => AttributeName),
  );
  if (used.size !== attributeDefinitions.length) {
    throw unfit(
      "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
    );
  }
  const names = new Set<string>();
  for (const index of indexes) {
    refuseUnfitProjection(index);
    if (names.has(index.IndexName)) throw unfit(`Duplicate index name: ${index.IndexName}`);
    names.add(index.IndexName);
  }
  for (const { IndexName, KeySchema } of localIndexes) {
    if (KeySchema[0]?.AttributeName === keySchema[0]?.AttributeName && KeySchema.length === 2) continue;
    throw unfit(`Index KeySchema does not have the table's hash key and a range key for index: ${IndexName}`);
  }
}

function refuseUnfitKeys(schema: readonly KeySchemaElement[], definition: TableDefinition): void {
  const keys = schema.map(({ AttributeName }) => AttributeName);
  const defined = definition.attributeDefinitions.map(({ AttributeName }) => AttributeName);
  if (keys.some((key) => !defined.includes(key))) {
    throw unfit(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${keys.join(", ")}], AttributeDefinitions: [${defined.join(", ")}]`,
    );
  }
  if (keys[0] === keys[1]) {
    throw invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  if (schema[0]?.KeyType !== "HASH") {
    throw invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  if (schema[1] !== undefined && schema[1].KeyType !== "RANGE") {
    throw invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
}

function refuseUnfitProjection({ Projection }: IndexDefinition): void {
  const { ProjectionType, NonKeyAttributes } = Projection;
  if (ProjectionType === undefined) throw unfit("Unknown ProjectionType: null");
  if (NonKeyAttributes !== undefined && ProjectionType !== "INCLUDE") {
    throw unfit(`ProjectionType is ${ProjectionType}, but NonKeyAttributes is specified`);
  }
}

function unfit(reason: string) {
  return invalid(`One or more parameter values were invalid: ${reason}`);
}

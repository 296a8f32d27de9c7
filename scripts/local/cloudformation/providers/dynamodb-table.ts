import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { localAccount, localRegion } from "../../service.ts";
import { defineProvider, flag, type ResourceProvider } from "../provider.ts";

/**
 * Tables, plain and global: a global table is the one replica that this region has. All are on demand whatever the
 * template says, because nothing here throttles by provisioned capacity.
 */
export const dynamodbTables: readonly ResourceProvider[] = [
  "AWS::DynamoDB::Table",
  "AWS::DynamoDB::GlobalTable",
].map((type) =>
  defineProvider({
    type,
    properties: tableProperties(),
    create: async ({ cloud, physicalName }, properties) => {
      const TableName = properties.TableName ?? physicalName({ maxLength: 255 });
      const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
      const created = await cloud.dynamodb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          KeySchema,
          AttributeDefinitions,
          GlobalSecondaryIndexes,
          LocalSecondaryIndexes,
        }),
      );
      const timeToLive = properties.TimeToLiveSpecification;
      if (timeToLive?.Enabled) {
        const TimeToLiveSpecification = { Enabled: true, AttributeName: timeToLive.AttributeName };
        await cloud.dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
      }
      return {
        physicalId: TableName,
        attributes: {
          Arn: `arn:aws:dynamodb:${localRegion}:${localAccount}:table/${TableName}`,
          TableId: created.TableDescription?.TableId ?? TableName,
        },
        remove: async () => {
          await cloud.dynamodb.send(new DeleteTableCommand({ TableName }));
        },
      };
    },
  }),
);

function tableProperties() {
  const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }));
  const index = z.object({
    IndexName: z.string(),
    KeySchema: keySchema,
    Projection: z.object({
      ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]).optional(),
      NonKeyAttributes: z.array(z.string()).optional(),
    }),
  });
  return z.object({
    TableName: z.string().optional(),
    KeySchema: keySchema,
    AttributeDefinitions: z.array(
      z.object({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }),
    ),
    GlobalSecondaryIndexes: z.array(index).optional(),
    LocalSecondaryIndexes: z.array(index).optional(),
    TimeToLiveSpecification: z.object({ AttributeName: z.string().optional(), Enabled: flag }).optional(),
  }) satisfies z.ZodType<Partial<CreateTableCommandInput>>;
}

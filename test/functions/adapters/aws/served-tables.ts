import {
  type AttributeDefinition,
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { dynamoClient } from "../../../../functions/adapters/aws/clients.ts";
import { createHttpSender, type HttpSenderOptions } from "../../../../functions/adapters/aws/http-sender.ts";
import { createTableClient, type TableClient } from "../../../../functions/adapters/aws/table-client.ts";
import { createDynamoDb } from "../../../../scripts/local/dynamodb.ts";
import { type ServedAws, serveAws } from "./serve-aws.ts";

export interface ServedTable extends ServedAws {
  /** The client under the stores. */
  readonly tables: TableClient;
  /** The SDK's, for everything else. */
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** A DynamoDB with one table, keyed as given; attribute types by DynamoDB's letters. Nothing was asked of it yet. */
export async function serveTable(keys: {
  readonly partition: readonly [name: string, type: "S" | "N"];
  readonly sort?: readonly [name: string, type: "S" | "N"];
}): Promise<ServedTable> {
  const attributes = keys.sort === undefined ? [keys.partition] : [keys.partition, keys.sort];
  const served = await serveAws(createDynamoDb());
  const client = dynamoClient(served.config);
  onTestFinished(() => client.destroy());
  await client.send(
    new CreateTableCommand({
      TableName: "table",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: attributes.map(([AttributeName], i) => ({
        AttributeName,
        KeyType: i === 0 ? ("HASH" as const) : ("RANGE" as const),
      })),
      AttributeDefinitions: attributes.map(
        ([AttributeName, AttributeType]): AttributeDefinition => ({ AttributeName, AttributeType }),
      ),
    }),
  );
  await untilActive(client, "table");
  served.operations.length = 0;
  return Object.assign(served, { client, tables: tablesWith(served), table: "table" });
}

/** The functions' client, in limits of the test's own. */
export function tablesWith({ config }: ServedAws, limits: Partial<HttpSenderOptions> = {}): TableClient {
  const sender = createHttpSender({
    ...{ maxSockets: 64, connectionTimeoutMs: 1_000, requestTimeoutMs: 3_000, maxAnswerBytes: 1 << 25 },
    ...limits,
  });
  onTestFinished(() => sender.destroy());
  return createTableClient({ access: awsAccess(config), sender });
}

/** A table takes no requests while it is being created, which takes the embedded DynamoDB a moment too. */
async function untilActive(client: DynamoDBClient, table: string): Promise<void> {
  for (let isActive = false; !isActive; ) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    isActive = Table?.TableStatus === "ACTIVE";
  }
}

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll } from "vitest";
import { createDynamoDb } from "../../../../scripts/local/dynamodb.ts";

/** An answer as it came over the wire; `error` is the name of an error without its namespace. */
export interface Answer {
  readonly status: number;
  readonly error: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any operation's answer, which the assertions look into
  readonly body: any;
}

/** Ask a DynamoDB for an operation, without an SDK in between that would check and reshape the input. */
export type CallDynamoDb = (operation: string, input: unknown) => Promise<Answer>;

/** Serve the embedded DynamoDB for the tests of one file. */
export function useDynamoDb(): CallDynamoDb {
  const service = createDynamoDb();
  return useServer(createServer((request, response) => void service.handle(request, response)));
}

/** Serve on a free port for the tests of one file. */
export function useServer(server: Server): CallDynamoDb {
  let url = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return async (operation, input) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        "x-amz-date": "20260101T000000Z",
        authorization:
          "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: typeof input === "string" ? input : JSON.stringify(input),
    });
    const body = JSON.parse((await response.text()) || "{}");
    return { status: response.status, error: body.__type?.split("#").at(-1), body };
  };
}

/** Make a table on demand, its keys given as `name: type`, the partition key first. */
export async function createTable(
  call: CallDynamoDb,
  TableName: string,
  keys: Readonly<Record<string, "S" | "N" | "B">>,
): Promise<void> {
  const { status, body } = await call("CreateTable", {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: Object.keys(keys).map((AttributeName, i) => ({
      AttributeName,
      KeyType: i === 0 ? "HASH" : "RANGE",
    })),
    AttributeDefinitions: Object.entries(keys).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
  for (;;) {
    const described = await call("DescribeTable", { TableName });
    if (described.body.Table.TableStatus === "ACTIVE") return;
  }
}

import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type AwsAccess, awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { isTransient } from "../../../../functions/adapters/aws/aws-errors.ts";
import type { HttpAnswer, HttpPost } from "../../../../functions/adapters/aws/http-sender.ts";
import { createTableClient } from "../../../../functions/adapters/aws/table-client.ts";
import { isConditionFailed, type TableError } from "../../../../functions/adapters/aws/table-error.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { serveTable, tablesWith } from "./served-tables.ts";

const TableName = "table";
const Item = {
  pk: { S: "p" },
  sk: { S: "k" },
  bytes: { B: Uint8Array.of(0, 255) },
  deep: { M: { list: { L: [{ B: Uint8Array.of(1) }, { N: "12" }] } } },
  set: { BS: [Uint8Array.of(2)] },
};
const Key = { pk: Item.pk, sk: Item.sk };

const serve = () => serveTable({ partition: ["pk", "S"], sort: ["sk", "S"] });

/** A client whose every request is answered alike, and what it sent. */
function answered(answer: Partial<HttpAnswer>, access: Partial<AwsAccess> = {}, now = () => 0) {
  const posts: HttpPost[] = [];
  const sender = {
    async post(post: HttpPost): Promise<HttpAnswer> {
      posts.push(post);
      return { status: 200, headers: {}, text: "{}", sends: 1, ...answer };
    },
    destroy() {},
  };
  const credentials = { accessKeyId: "a", secretAccessKey: "s" };
  const given = { ...awsAccess({ region: "eu-central-1", credentials }), ...access };
  return { posts, client: createTableClient({ access: given, sender, now }) };
}

const failureOf = (call: Promise<unknown>): Promise<TableError> =>
  call.then(
    () => expect.fail("got an answer"),
    (error) => error as TableError,
  );

describe("a table client", () => {
  it("puts, gets, updates and queries the items that the SDK's client does", async () => {
    const { tables, client } = await serve();
    await tables.putItem({ TableName, Item });
    const byGet = await tables.getItem({ TableName, Key });
    expect(byGet.Item).toEqual(Item);
    expect(byGet.Item).toEqual((await client.send(new GetItemCommand({ TableName, Key }))).Item);
    const update = {
      ...{ TableName, Key, ReturnValues: "ALL_NEW" as const, UpdateExpression: "SET bytes = :b" },
      ExpressionAttributeValues: { ":b": { B: Uint8Array.of(3, 4) } },
    };
    expect((await tables.updateItem(update)).Attributes).toEqual({
      ...Item,
      bytes: { B: Uint8Array.of(3, 4) },
    });
    expect((await client.send(new UpdateItemCommand(update))).Attributes?.bytes?.B).toEqual(
      Uint8Array.of(3, 4),
    );
    await tables.putItem({ TableName, Item: { ...Item, sk: { S: "l" } } });
    const query = {
      ...{
        TableName,
        KeyConditionExpression: "pk = :pk",
        Limit: 1,
        ReturnConsumedCapacity: "TOTAL" as const,
      },
      ExpressionAttributeValues: { ":pk": Item.pk },
    };
    const { $metadata: _, ...bySdk } = await client.send(new QueryCommand(query));
    const byQuery = await tables.query(query);
    expect(byQuery).toEqual(bySdk);
    expect(byQuery.LastEvaluatedKey).toEqual(Key);
    const last = await tables.query({ ...query, ExclusiveStartKey: byQuery.LastEvaluatedKey, Limit: 2 });
    expect(last.Items).toEqual([{ ...Item, sk: { S: "l" } }]);
    const old = await tables.putItem({ TableName, Item, ReturnValues: "ALL_OLD" });
    expect(old.Attributes?.set).toEqual(Item.set);
  });

  it("writes and gets in batches as the SDK's client does", async () => {
    const { tables, client } = await serve();
    const other = { ...Item, sk: { S: "l" } };
    await tables.batchWriteItem({ RequestItems: { table: [{ PutRequest: { Item } }] } });
    await client.send(
      new BatchWriteItemCommand({ RequestItems: { table: [{ PutRequest: { Item: other } }] } }),
    );
    const RequestItems = { table: { Keys: [Key, { pk: Item.pk, sk: other.sk }] } };
    const { Responses } = await tables.batchGetItem({ RequestItems });
    const bySk = (a: { sk?: { S?: string } }, b: { sk?: { S?: string } }) => a.sk!.S!.localeCompare(b.sk!.S!);
    expect(Responses?.table?.toSorted(bySk as never)).toEqual([Item, other]);
    const bySdk = await client.send(new BatchGetItemCommand({ RequestItems }));
    expect(Responses?.table?.toSorted(bySk as never)).toEqual(
      bySdk.Responses?.table?.toSorted(bySk as never),
    );
    await client.send(new DeleteItemCommand({ TableName, Key }));
    expect((await tables.getItem({ TableName, Key })).Item).toBeUndefined();
  });

  it("gives back what a batch left undone, and where a page ends, with their bytes", async () => {
    const key = { pk: { B: "AQI=" } };
    const undone = { PutRequest: { Item: { ...key, x: { S: "B" } } } };
    const { client } = answered({
      text: JSON.stringify({
        UnprocessedItems: { table: [undone, { DeleteRequest: { Key: key } }] },
        UnprocessedKeys: { table: { Keys: [key], ExpressionAttributeNames: { "#x": "B" } } },
      }),
    });
    const read = { pk: { B: Uint8Array.of(1, 2) } };
    expect((await client.batchWriteItem({ RequestItems: {} })).UnprocessedItems).toEqual({
      table: [{ PutRequest: { Item: { ...read, x: { S: "B" } } } }, { DeleteRequest: { Key: read } }],
    });
    expect((await client.batchGetItem({ RequestItems: {} })).UnprocessedKeys).toEqual({
      table: { Keys: [read], ExpressionAttributeNames: { "#x": "B" } },
    });
    const page = answered({ text: JSON.stringify({ Items: [], LastEvaluatedKey: key }) });
    expect(await page.client.query({ TableName })).toEqual({ Items: [], LastEvaluatedKey: read });
  });

  it("throws a failed condition with the item as it stands, where that is asked for", async () => {
    const { tables } = await serve();
    await tables.putItem({ TableName, Item });
    const put = { TableName, Item, ConditionExpression: "attribute_not_exists(pk)" };
    const returned = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
    const error = await failureOf(tables.putItem({ ...put, ...returned }));
    expect(isConditionFailed(error)).toBe(true);
    expect(error).toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item,
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
    expect(isTransient(error)).toBe(false);
    expect((await failureOf(tables.putItem(put))).Item).toBeUndefined();
  });

  it.each([
    [throttled(), "ProvisionedThroughputExceededException", true],
    [jsonFault(500, "InternalServerError", "down"), "InternalServerError", true],
    [jsonFault(400, "com.amazon.coral.service#AccessDeniedException", "no"), "AccessDeniedException", false],
    [jsonFault(400, "com.amazon.coral.validate#ValidationException", "no"), "ValidationException", false],
    [{ ...throttled(), statusCode: 503, body: "<html>busy" }, "Unknown", true],
    [{ ...throttled(), body: "null" }, "Unknown", false],
  ] as const)("names what DynamoDB answers: %o", async (fault, name, transient) => {
    const served = await serve();
    served.fault = () => fault;
    const error = await failureOf(served.tables.getItem({ TableName, Key }));
    expect(error.name).toBe(name);
    expect(isTransient(error)).toBe(transient);
  });

  it("takes the name from the header where the answer has none", async () => {
    const { client } = answered({
      status: 400,
      headers: { "x-amzn-errortype": "ThrottlingException:http://x/", "x-amzn-requestid": "r" },
    });
    expect(await failureOf(client.getItem({ TableName, Key }))).toMatchObject({
      name: "ThrottlingException",
      $metadata: { httpStatusCode: 400, requestId: "r", attempts: 1 },
    });
  });

  it("tells a time-out, an answer that is too large and a lost connection by what they are", async () => {
    const served = await serve();
    await served.tables.putItem({ TableName, Item });
    const large = await failureOf(tablesWith(served, { maxAnswerBytes: 20 }).getItem({ TableName, Key }));
    expect([large.name, isTransient(large)]).toEqual(["AnswerTooLarge", false]);
    served.fault = () => ({ kind: "hang" });
    const late = await failureOf(tablesWith(served, { requestTimeoutMs: 30 }).getItem({ TableName, Key }));
    expect([late.name, isTransient(late)]).toEqual(["TimeoutError", true]);
    served.fault = () => ({ kind: "reset" });
    const lost = await failureOf(tablesWith(served).getItem({ TableName, Key }));
    expect([lost, isTransient(lost)]).toMatchObject([{ code: "ECONNRESET" }, true]);
  });

  it("repeats a request over a kept connection that was closed, and says that it did", async () => {
    const served = await serve();
    await served.tables.getItem({ TableName, Key });
    served.fault = (operation, count) =>
      operation === "PutItem" && count === 0 ? { kind: "loseAnswer" } : undefined;
    const put = { TableName, Item, ConditionExpression: "attribute_not_exists(pk)" };
    const error = await failureOf(served.tables.putItem(put));
    expect(error).toMatchObject({
      name: "ConditionalCheckFailedException",
      $metadata: { attempts: 2 },
    });
  });

  it("breaks off when it is told to", async () => {
    const served = await serve();
    served.fault = () => ({ kind: "hang" });
    const abort = new AbortController();
    const call = served.tables.getItem({ TableName, Key }, { abortSignal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
  });

  it("signs with new credentials before the old ones expire", async () => {
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    const lives = [minutes(60), minutes(4), minutes(60)];
    let found = 0;
    const credentials = async () => {
      const expiration = lives[found++]!;
      return { accessKeyId: `KEY${found}`, secretAccessKey: "s", sessionToken: `t${found}`, expiration };
    };
    const { posts, client } = answered({}, awsAccess({ region: "eu-central-1", credentials }), Date.now);
    const keysOf = () => posts.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization!)?.[1]);
    for (let i = 0; i < 2; i++) await client.getItem({ TableName, Key });
    expect(keysOf()).toEqual(["KEY1", "KEY1"]);
    vi.useFakeTimers({ now: minutes(56), toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    // The second ones are as good as expired when they are found; the third are as well, but not for long.
    lives[2] = minutes(60);
    for (let i = 0; i < 2; i++) await client.getItem({ TableName, Key });
    expect(keysOf()).toEqual(["KEY1", "KEY1", "KEY2", "KEY3"]);
    expect(posts.at(-1)?.headers["x-amz-security-token"]).toBe("t3");
  });

  it("looks for region and credentials anew where they were not found", async () => {
    let looked = 0;
    const region = async () => {
      if (looked++ === 0) throw new Error("no region");
      return "eu-central-1";
    };
    const { client } = answered({}, { region });
    await expect(client.getItem({ TableName, Key })).rejects.toThrow("no region");
    await client.getItem({ TableName, Key });
    await client.getItem({ TableName, Key });
    expect(looked).toBe(2);
  });

  it("signs by DynamoDB's clock once it has been refused for its own", async () => {
    const start = Date.UTC(2026, 0, 1);
    const date = new Date(start + 3_600_000).toUTCString();
    const refused = answered({ status: 400, headers: { date } }, {}, () => start);
    await failureOf(refused.client.getItem({ TableName, Key }));
    await failureOf(refused.client.getItem({ TableName, Key }));
    expect(refused.posts.map(({ headers }) => headers["x-amz-date"])).toEqual([
      "20260101T000000Z",
      "20260101T010000Z",
    ]);
    const close = answered({ status: 400, headers: { date } }, {}, () => start + 3_600_000 - 120_000);
    await failureOf(close.client.getItem({ TableName, Key }));
    await failureOf(close.client.getItem({ TableName, Key }));
    expect(close.posts.at(-1)?.headers["x-amz-date"]).toBe("20260101T005800Z");
  });

  it.each([
    [undefined, "eu-central-1", "https: dynamodb.eu-central-1.amazonaws.com undefined /"],
    [undefined, "cn-north-1", "https: dynamodb.cn-north-1.amazonaws.com.cn undefined /"],
    ["http://127.0.0.1:4566", "us-east-1", "http: 127.0.0.1 4566 /"],
    ["http://[::1]:4566/base", "us-east-1", "http: ::1 4566 /base/"],
  ])("asks at %s in %s", async (endpoint, region, expected) => {
    const { posts, client } = answered({}, { region: async () => region, endpointOf: () => endpoint });
    await client.getItem({ TableName, Key });
    const { protocol, hostname, port, path, headers, body } = posts[0]!;
    expect(`${protocol} ${hostname} ${port} ${path}`).toBe(expected);
    expect(headers).toMatchObject({
      "content-type": "application/x-amz-json-1.0",
      "content-length": String(Buffer.byteLength(body)),
      "x-amz-target": "DynamoDB_20120810.GetItem",
    });
  });
});

import { describe, expect, it } from "vitest";
import { createTable, useDynamoDb } from "./call-dynamodb.ts";

const call = useDynamoDb();

describe("tables", () => {
  it("are described with what they hold", async () => {
    await createTable(call, "described", { pk: "S", sk: "N" });
    const Item = { pk: { S: "p" }, sk: { N: "1" }, body: { S: "twelve bytes" } };
    await call("PutItem", { TableName: "described", Item });
    const { body } = await call("DescribeTable", { TableName: "described" });
    expect(body.Table).toMatchObject({
      TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/described",
      TableStatus: "ACTIVE",
      BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
      ItemCount: 1,
      TableSizeBytes: "pk".length + 1 + "sk".length + 2 + "body".length + 12,
    });
    await call("DeleteItem", { TableName: "described", Key: { pk: Item.pk, sk: Item.sk } });
    const emptied = await call("DescribeTable", { TableName: "described" });
    expect(emptied.body.Table).toMatchObject({ ItemCount: 0, TableSizeBytes: 0 });
  });

  it("go with what they held", async () => {
    await createTable(call, "gone", { pk: "S" });
    await call("PutItem", { TableName: "gone", Item: { pk: { S: "p" } } });
    const deleted = await call("DeleteTable", { TableName: "gone" });
    expect(deleted.body.TableDescription.TableStatus).toBe("DELETING");
    await createTable(call, "gone", { pk: "S" });
    expect((await call("Scan", { TableName: "gone" })).body.Count).toBe(0);
  });

  it("cannot have one name twice", async () => {
    await createTable(call, "twice", { pk: "S" });
    await expect(createTable(call, "twice", { pk: "S" })).rejects.toThrow(/ResourceInUseException/);
  });

  it("are listed by name, page by page", async () => {
    for (const name of ["list-c", "list-a", "list-b"]) await createTable(call, name, { pk: "S" });
    const { body } = await call("ListTables", { ExclusiveStartTableName: "list-", Limit: 2 });
    expect(body).toEqual({ TableNames: ["list-a", "list-b"], LastEvaluatedTableName: "list-b" });
    const next = await call("ListTables", { ExclusiveStartTableName: "list-b", Limit: 1 });
    expect(next.body.TableNames).toEqual(["list-c"]);
  });

  it("carry tags", async () => {
    await createTable(call, "tagged", { pk: "S" });
    const ResourceArn = "arn:aws:dynamodb:us-east-1:000000000000:table/tagged";
    const Tags = ["a", "b"].map((Key) => ({ Key, Value: "1" }));
    await call("TagResource", { ResourceArn, Tags });
    await call("UntagResource", { ResourceArn, TagKeys: ["a"] });
    expect((await call("ListTagsOfResource", { ResourceArn })).body).toEqual({
      Tags: [{ Key: "b", Value: "1" }],
    });
    const unknown = await call("ListTagsOfResource", { ResourceArn: `${ResourceArn}-not` });
    expect(unknown.error).toBe("ResourceNotFoundException");
  });

  it("change how they are billed", async () => {
    await createTable(call, "billed", { pk: "S" });
    const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 6 };
    const refused = await call("UpdateTable", { TableName: "billed", ProvisionedThroughput });
    expect(refused.body.message).toMatch(/when BillingMode is PAY_PER_REQUEST/);
    const { body } = await call("UpdateTable", {
      TableName: "billed",
      BillingMode: "PROVISIONED",
      ProvisionedThroughput,
    });
    expect(body.TableDescription.ProvisionedThroughput).toMatchObject(ProvisionedThroughput);
    expect(body.TableDescription.BillingModeSummary).toBeUndefined();
  });
});

describe("what is not served", () => {
  it("is refused by name: parameters from before expressions", async () => {
    await createTable(call, "legacy", { pk: "S" });
    const { body } = await call("PutItem", {
      TableName: "legacy",
      Item: { pk: { S: "p" } },
      Expected: { pk: { Exists: false } },
    });
    expect(body.message).toBe(
      "the embedded DynamoDB does not take the legacy parameter Expected; use ConditionExpression",
    );
  });

  it("is refused by name: reading an index that is described", async () => {
    const index = {
      IndexName: "byOther",
      KeySchema: [{ AttributeName: "other", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    };
    const created = await call("CreateTable", {
      TableName: "indexed",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: ["pk", "other"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: [index],
    });
    expect(created.body.TableDescription.GlobalSecondaryIndexes).toMatchObject([index]);
    const { body } = await call("Scan", { TableName: "indexed", IndexName: "byOther" });
    expect(body.message).toMatch(/keeps nothing in index byOther of table indexed/);
  });

  it.each([
    ["PutItem", "{", "SerializationException"],
    ["PutItem", "[]", "SerializationException"],
    ["PutItem", { TableName: 1, Item: {} }, "SerializationException"],
    ["PutItem", { TableName: "legacy", Item: { pk: { S: 1 } } }, "SerializationException"],
    [
      "PutItem",
      { TableName: "legacy", Item: { pk: { S: "p" }, a: { B: "YR==" } } },
      "SerializationException",
    ],
    ["TransactWriteItems", {}, "UnknownOperationException"],
  ])("is refused in DynamoDB's own terms: %s %j", async (operation, input, error) => {
    expect(await call(operation, input)).toMatchObject({ status: 400, error });
  });
});

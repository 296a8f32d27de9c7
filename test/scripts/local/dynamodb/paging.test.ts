import { beforeAll, describe, expect, it } from "vitest";
import { createTable, useDynamoDb } from "./call-dynamodb.ts";

const call = useDynamoDb();
const TableName = "pages";
const sortKeys = Array.from({ length: 30 }, (_, i) => String(i).padStart(3, "0"));
const partitions = ["a", "b", "c", "d", "e", "f"];

beforeAll(async () => {
  await createTable(call, TableName, { pk: "S", sk: "S" });
  for (const pk of partitions) {
    for (const sk of sortKeys.toReversed()) {
      // In the partition "a" 20 items make 1 MB.
      const Item = { pk: { S: pk }, sk: { S: sk }, body: { S: "x".repeat(pk === "a" ? 52_500 : 10) } };
      expect((await call("PutItem", { TableName, Item })).status).toBe(200);
    }
  }
});

interface Pages {
  readonly keys: readonly string[];
  readonly pageSizes: readonly number[];
}

async function readAll(operation: string, input: object): Promise<Pages> {
  const keys: string[] = [];
  const pageSizes: number[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const { body } = await call(operation, { TableName, ...input, ExclusiveStartKey });
    for (const { pk, sk } of body.Items) keys.push(`${pk.S}${sk.S}`);
    pageSizes.push(body.ScannedCount);
    ExclusiveStartKey = body.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return { keys, pageSizes };
}

const ofPartition = (pk: string) => ({
  KeyConditionExpression: "pk = :p",
  ExpressionAttributeValues: { ":p": { S: pk } },
});

describe("a query", () => {
  it("ends a page with the item that makes it 1 MB, and goes on after it", async () => {
    const { keys, pageSizes } = await readAll("Query", ofPartition("a"));
    expect(keys).toEqual(sortKeys.map((sk) => `a${sk}`));
    expect(pageSizes).toEqual([20, 10]);
  });

  it("goes backwards", async () => {
    const { keys, pageSizes } = await readAll("Query", {
      ...ofPartition("b"),
      ScanIndexForward: false,
      Limit: 7,
    });
    expect(keys).toEqual(sortKeys.toReversed().map((sk) => `b${sk}`));
    expect(pageSizes).toEqual([7, 7, 7, 7, 2]);
  });

  it.each([true, false])("stays within its range over pages, forward: %s", async (ScanIndexForward) => {
    const { keys } = await readAll("Query", {
      KeyConditionExpression: "pk = :p AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":p": { S: "c" }, ":from": { S: "0035" }, ":to": { S: "010" } },
      ScanIndexForward,
      Limit: 2,
    });
    const within = ["004", "005", "006", "007", "008", "009", "010"].map((sk) => `c${sk}`);
    expect(keys).toEqual(ScanIndexForward ? within : within.toReversed());
  });

  it("limits what it looks at, not what the filter leaves", async () => {
    const { body } = await call("Query", {
      TableName,
      ...ofPartition("d"),
      FilterExpression: "attribute_not_exists(body)",
      Limit: 5,
    });
    expect(body).toMatchObject({ Count: 0, ScannedCount: 5, Items: [] });
    expect(body.LastEvaluatedKey).toEqual({ pk: { S: "d" }, sk: { S: "004" } });
  });

  it("goes on after an item that was deleted meanwhile", async () => {
    const { body: first } = await call("Query", { TableName, ...ofPartition("e"), Limit: 3 });
    await call("DeleteItem", { TableName, Key: first.LastEvaluatedKey });
    const { body } = await call("Query", {
      TableName,
      ...ofPartition("e"),
      Limit: 1,
      ExclusiveStartKey: first.LastEvaluatedKey,
    });
    expect(body.Items[0].sk).toEqual({ S: "003" });
    await call("PutItem", { TableName, Item: first.Items[2] });
  });

  it("counts without items", async () => {
    const { body } = await call("Query", { TableName, ...ofPartition("f"), Select: "COUNT" });
    expect(body).toEqual({ Count: 30, ScannedCount: 30 });
  });
});

describe("a scan", () => {
  const everything = partitions.flatMap((pk) => sortKeys.map((sk) => `${pk}${sk}`));

  it("reads every item once, page by page", async () => {
    const { keys, pageSizes } = await readAll("Scan", { Limit: 11 });
    expect(keys.toSorted()).toEqual(everything);
    expect(Math.max(...pageSizes)).toBe(11);
  });

  it("reads every item in one of its segments", async () => {
    const segments = await Promise.all(
      [0, 1, 2].map((Segment) => readAll("Scan", { Segment, TotalSegments: 3, Limit: 4 })),
    );
    expect(segments.flatMap(({ keys }) => keys).toSorted()).toEqual(everything);
  });

  it("refuses to start in another segment", async () => {
    const ExclusiveStartKey = { pk: { S: "a" }, sk: { S: "000" } };
    const answers = await Promise.all(
      [0, 1, 2].map((Segment) => call("Scan", { TableName, Segment, TotalSegments: 3, ExclusiveStartKey })),
    );
    expect(answers.map(({ error }) => error ?? "").toSorted()).toEqual([
      "",
      "ValidationException",
      "ValidationException",
    ]);
  });
});

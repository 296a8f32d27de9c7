import dynalite from "dynalite";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createTable, useDynamoDb, useServer } from "./call-dynamodb.ts";

const call = useDynamoDb();
const oracle = useServer(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
const TableName = "limits";
const ReturnConsumedCapacity = "TOTAL";

beforeAll(async () => {
  for (const each of [call, oracle]) await createTable(each, TableName, { pk: "S" });
});

/** An item of just this size: "pk" and its one letter, "body" and what is left. */
const itemOf = (pk: string, sizeBytes: number) => ({
  pk: { S: pk },
  body: { S: "x".repeat(sizeBytes - "pk".length - pk.length - "body".length) },
});

describe("an item", () => {
  it("may have 400 KB, counted as dynalite does", async () => {
    const attributeValue = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.stringMatching(/^[ -~]{0,20}$/).map((S) => ({ S })),
        fc
          .tuple(fc.maxSafeInteger(), fc.integer({ min: -60, max: 60 }))
          .map(([n, e]) => ({ N: `${n}e${e}` })),
        fc.uint8Array().map((bytes) => ({ B: Buffer.from(bytes).toString("base64") })),
        fc.constantFrom(
          { BOOL: true },
          { NULL: true },
          { SS: ["a", "bcd"] },
          { NS: ["1", "-22.5"] },
          { BS: ["YQ=="] },
        ),
        fc.array(tie("value"), { maxLength: 4 }).map((L) => ({ L })),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), tie("value"), { maxKeys: 4 }).map((M) => ({ M })),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(attributeValue, async (value) => {
        // The most that can be added to it, by halving.
        const fits = async (each: typeof call, length: number) =>
          (
            await each("PutItem", {
              TableName,
              Item: { pk: { S: "p" }, value, rest: { S: "x".repeat(length) } },
            })
          ).status === 200;
        let [from, to] = [0, 400 * 1024];
        while (from < to) {
          const middle = Math.ceil((from + to) / 2);
          if (await fits(call, middle)) from = middle;
          else to = middle - 1;
        }
        expect([await fits(oracle, from), await fits(oracle, from + 1)]).toEqual([true, false]);
      }),
      { numRuns: 25 },
    );
  });

  it("is counted in UTF-8", async () => {
    const put = (body: string) => call("PutItem", { TableName, Item: { pk: { S: "u" }, body: { S: body } } });
    const most = (400 * 1024 - "pk".length - "u".length - "body".length) / 2;
    expect((await put("é".repeat(Math.floor(most)))).status).toBe(200);
    expect((await put("é".repeat(Math.floor(most) + 1))).body.message).toMatch(/^Item size has exceeded/);
  });

  it("may hold maps within each other 32 deep", async () => {
    const nested = (depth: number): unknown => (depth === 0 ? { S: "s" } : { M: { a: nested(depth - 1) } });
    const put = (depth: number) => call("PutItem", { TableName, Item: { pk: { S: "n" }, a: nested(depth) } });
    expect((await put(32)).status).toBe(200);
    expect((await put(33)).body.message).toBe("Nesting Levels have exceeded supported limits");
  });
});

describe("capacity", () => {
  const units = async (operation: string, input: object): Promise<unknown> => {
    const { body } = await call(operation, { TableName, ...input, ReturnConsumedCapacity });
    return body.ConsumedCapacity.CapacityUnits;
  };

  it("is, for writes, a unit per KiB begun of the greater of what stood and what stands", async () => {
    expect(await units("PutItem", { Item: itemOf("w", 1024) })).toBe(1);
    expect(await units("PutItem", { Item: itemOf("w", 1025) })).toBe(2);
    expect(await units("PutItem", { Item: itemOf("w", 100) })).toBe(2);
    const UpdateExpression = "SET body = :b";
    const ExpressionAttributeValues = { ":b": { S: "x".repeat(3 * 1024) } };
    expect(
      await units("UpdateItem", { Key: { pk: { S: "w" } }, UpdateExpression, ExpressionAttributeValues }),
    ).toBe(4);
    expect(await units("DeleteItem", { Key: { pk: { S: "w" } } })).toBe(4);
    expect(await units("DeleteItem", { Key: { pk: { S: "w" } } })).toBe(1);
  });

  it("is, for reads, a unit per 4 KiB begun, half of it where they may be stale", async () => {
    await call("PutItem", { TableName, Item: itemOf("r", 4096) });
    await call("PutItem", { TableName, Item: itemOf("s", 4097) });
    const get = (pk: string, ConsistentRead: boolean) =>
      units("GetItem", { Key: { pk: { S: pk } }, ConsistentRead });
    expect([await get("r", true), await get("r", false)]).toEqual([1, 0.5]);
    expect([await get("s", true), await get("s", false)]).toEqual([2, 1]);
    expect([await get("none", true), await get("none", false)]).toEqual([1, 0.5]);
  });

  it("is summed over a query before it is rounded, and is least for nothing", async () => {
    await createTable(call, "summed", { pk: "S", sk: "N" });
    for (let i = 0; i < 10; i++) {
      const Item = { pk: { S: "p" }, sk: { N: String(i) }, body: { S: "x".repeat(1000) } };
      await call("PutItem", { TableName: "summed", Item });
    }
    const query = (pk: string) =>
      units("Query", {
        TableName: "summed",
        KeyConditionExpression: "pk = :p",
        ExpressionAttributeValues: { ":p": { S: pk } },
        ConsistentRead: true,
      });
    expect(await query("p")).toBe(3);
    expect(await query("q")).toBe(1);
  });

  it("is rounded for each item of a batch", async () => {
    const RequestItems = {
      [TableName]: ["x", "y"].map((pk) => ({ PutRequest: { Item: itemOf(pk, 1100) } })),
    };
    const written = await call("BatchWriteItem", { RequestItems, ReturnConsumedCapacity });
    expect(written.body.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 4 }]);
    const read = await call("BatchGetItem", {
      RequestItems: { [TableName]: { Keys: ["x", "y", "z"].map((pk) => ({ pk: { S: pk } })) } },
      ReturnConsumedCapacity: "INDEXES",
    });
    expect(read.body.ConsumedCapacity).toEqual([
      { TableName, CapacityUnits: 1.5, Table: { CapacityUnits: 1.5 } },
    ]);
  });
});

describe("a batch", () => {
  const keys = (count: number) => Array.from({ length: count }, (_, i) => ({ pk: { S: `b${i}` } }));

  it("gets at most 100 items", async () => {
    const get = (count: number) =>
      call("BatchGetItem", { RequestItems: { [TableName]: { Keys: keys(count) } } });
    expect((await get(100)).status).toBe(200);
    expect((await get(101)).error).toBe("ValidationException");
  });

  it("writes at most 25 items, over all its tables, all or none", async () => {
    await createTable(call, "second", { pk: "S" });
    const writes = (count: number) => keys(count).map((Item) => ({ PutRequest: { Item } }));
    const write = (first: number, second: number) =>
      call("BatchWriteItem", { RequestItems: { [TableName]: writes(first), second: writes(second) } });
    expect((await write(13, 13)).error).toBe("ValidationException");
    expect((await call("Scan", { TableName: "second" })).body.Count).toBe(0);
    expect((await write(12, 13)).body).toEqual({ UnprocessedItems: {} });
    expect((await call("Scan", { TableName: "second" })).body.Count).toBe(13);
  });

  it("gets at most 16 MB, and names the keys that are left", async () => {
    const large = keys(45).map(({ pk }) => itemOf(pk.S, 390 * 1024));
    for (const Item of large) await call("PutItem", { TableName, Item });
    const { body } = await call("BatchGetItem", {
      RequestItems: { [TableName]: { Keys: keys(45), ConsistentRead: true } },
    });
    expect(body.Responses[TableName]).toHaveLength(42);
    expect(body.UnprocessedKeys[TableName]).toEqual({ Keys: keys(45).slice(42), ConsistentRead: true });
  });
});

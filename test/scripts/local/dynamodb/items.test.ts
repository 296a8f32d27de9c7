import { beforeAll, describe, expect, it } from "vitest";
import { createTable, useDynamoDb } from "./call-dynamodb.ts";

const call = useDynamoDb();
const TableName = "items";
let keyCount = 0;

beforeAll(() => createTable(call, TableName, { pk: "S" }));

async function put(attributes: object): Promise<{ readonly pk: { readonly S: string } }> {
  const Key = { pk: { S: `k${keyCount++}` } };
  expect((await call("PutItem", { TableName, Item: { ...attributes, ...Key } })).body).toEqual({});
  return Key;
}

async function update(attributes: object, UpdateExpression: string, values?: object, names?: object) {
  const Key = await put(attributes);
  const { body } = await call("UpdateItem", {
    TableName,
    Key,
    UpdateExpression,
    ExpressionAttributeValues: values,
    ExpressionAttributeNames: names,
    ReturnValues: "ALL_NEW",
  });
  const { pk: _pk, ...updated } = body.Attributes ?? { pk: undefined, refused: body };
  return updated;
}

async function holds(attributes: object, condition: string, values?: object): Promise<boolean> {
  const Key = await put(attributes);
  const { error } = await call("DeleteItem", {
    TableName,
    Key,
    ConditionExpression: condition,
    ExpressionAttributeValues: values,
  });
  expect([undefined, "ConditionalCheckFailedException"]).toContain(error);
  return error === undefined;
}

const numbers = (...each: number[]) => ({ L: each.map((N) => ({ N: String(N) })) });

describe("a conditional write", () => {
  it("lets one of many through", async () => {
    const Item = { pk: { S: "contended" } };
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        call("PutItem", {
          TableName,
          Item: { ...Item, by: { N: String(i) } },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it.each(["PutItem", "UpdateItem", "DeleteItem"])(
    "by %s brings what stands, when asked to",
    async (operation) => {
      const Key = await put({ a: { B: "AAEC" } });
      const input = {
        TableName,
        ...(operation === "PutItem" ? { Item: Key } : { Key }),
        ConditionExpression: "attribute_not_exists(pk)",
      };
      const asked = await call(operation, { ...input, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
      expect(asked.body).toEqual({
        __type: "ConditionalCheckFailedException",
        message: "The conditional request failed",
        Item: { ...Key, a: { B: "AAEC" } },
      });
      expect((await call(operation, input)).body.Item).toBeUndefined();
    },
  );

  it("brings nothing where nothing stands", async () => {
    const { body } = await call("DeleteItem", {
      TableName,
      Key: { pk: { S: "nowhere" } },
      ConditionExpression: "attribute_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    expect(Object.keys(body)).toEqual(["__type", "message"]);
  });

  it("fences parts by their marks", async () => {
    const Key = { pk: { S: "fenced" } };
    const write = (mark: string, expected?: string) =>
      call("UpdateItem", {
        TableName,
        Key,
        UpdateExpression: "SET #shard = :part, expiresAt = :e",
        ConditionExpression: expected === undefined ? "attribute_not_exists(#shard)" : "#shard.m = :expected",
        ExpressionAttributeNames: { "#shard": "s:shardId-000" },
        ExpressionAttributeValues: {
          ":part": { M: { m: { S: mark }, b: { B: "AAEC" } } },
          ":e": { N: "1" },
          ...(expected !== undefined && { ":expected": { S: expected } }),
        },
      });
    expect(
      [await write("1"), await write("2"), await write("2", "0"), await write("2", "1")].map(
        ({ error }) => error,
      ),
    ).toEqual([undefined, "ConditionalCheckFailedException", "ConditionalCheckFailedException", undefined]);
  });
});

describe("a condition", () => {
  it.each([
    [
      "maps by their members",
      { a: { M: { x: { N: "1" }, y: { L: [{ S: "s" }] } } } },
      "a = :v",
      { M: { y: { L: [{ S: "s" }] }, x: { N: "1.0" } } },
      true,
    ],
    ["lists by their members", { a: numbers(1, 2) }, "a = :v", numbers(2, 1), false],
    ["sets in any order", { a: { SS: ["x", "y"] } }, "a = :v", { SS: ["y", "x"] }, true],
    ["numbers by value", { a: { N: "10" } }, "a = :v", { N: "1e1" }, true],
    ["numbers as such", { a: { N: "9" } }, "a < :v", { N: "10" }, true],
    ["strings by their bytes", { a: { S: "\u{ffff}" } }, "a < :v", { S: "\u{10000}" }, true],
    ["no number with a string", { a: { N: "1" } }, "a < :v", { S: "2" }, false],
    ["nothing with what is not there", {}, "a < :v OR a >= :v OR a = :v", { N: "1" }, false],
    ["what is not there as unequal", {}, "a <> :v", { N: "1" }, true],
    ["the size in bytes", { a: { S: "é" } }, "size(a) = :v", { N: "2" }, true],
    ["the size of an empty string", { a: { S: "" } }, "size(a) = :v", { N: "0" }, true],
    ["binary within binary", { a: { B: "AP+A" } }, "contains(a, :v)", { B: "/4A=" }, true],
    [
      "a member of a list that is a map",
      { a: { L: [{ M: { b: { N: "1" } } }] } },
      "contains(a, :v)",
      { M: { b: { N: "1" } } },
      true,
    ],
    ["one of several", { a: { BOOL: false } }, "a IN (:v, :v)", { BOOL: false }, true],
  ])("compares %s", async (_title, attributes, condition, value, expected) => {
    expect(await holds(attributes, condition, { ":v": value })).toBe(expected);
  });

  it("has attribute names of its own, not those that objects inherit", async () => {
    expect(await holds({ a: { M: {} } }, "attribute_exists(a.valueOf) OR attribute_exists(toString)")).toBe(
      false,
    );
    expect(await holds({ valueOf: { S: "v" } }, "attribute_exists(valueOf)")).toBe(true);
  });

  it.each(["(".repeat(2000), `${"NOT ".repeat(1000)}attribute_exists(a)`, `${"size(".repeat(800)}`])(
    "that is nested without end is refused",
    async (ConditionExpression) => {
      const { error } = await call("DeleteItem", { TableName, Key: { pk: { S: "x" } }, ConditionExpression });
      expect(error).toBe("ValidationException");
    },
  );

  it("of more than 4 KB is refused", async () => {
    const ConditionExpression = `attribute_exists(${"a".repeat(4096)})`;
    const { body } = await call("DeleteItem", { TableName, Key: { pk: { S: "x" } }, ConditionExpression });
    expect(body.message).toMatch(/maximum allowed size; expression size: 4114/);
  });

  it.each([
    ["a <", '"<EOF>", near: "a <"'],
    ["a ! b", '"!", near: "a ! b"'],
    ["a = b c", '"c", near: "a = b c"'],
  ])("that reads %j is refused with where it went wrong", async (ConditionExpression, place) => {
    const { body } = await call("DeleteItem", { TableName, Key: { pk: { S: "x" } }, ConditionExpression });
    expect(body.message).toBe(`Invalid ConditionExpression: Syntax error; token: ${place}`);
  });
});

describe("an update", () => {
  it("takes positions of a list as they were before it", async () => {
    expect(await update({ a: numbers(0, 1, 2, 3) }, "REMOVE a[0], a[1], a[3]")).toEqual({ a: numbers(2) });
    expect(
      await update({ a: numbers(0, 1) }, "SET a[9] = :x, a[5] = :y REMOVE a[0]", {
        ":x": { N: "9" },
        ":y": { N: "5" },
      }),
    ).toEqual({ a: numbers(1, 5, 9) });
  });

  it("appends at a position far beyond the end", async () => {
    const values = { ":x": { N: "1" } };
    expect(await update({ a: numbers(0) }, "SET a[4294967290] = :x", values)).toEqual({ a: numbers(0, 1) });
  });

  it("reads right sides from before it", async () => {
    const swapped = await update({ a: { N: "1" }, b: { N: "2" } }, "SET a = b, b = a");
    expect(swapped).toEqual({ a: { N: "2" }, b: { N: "1" } });
  });

  it("leaves the item as it was when it fails", async () => {
    const Key = await put({ a: { M: { n: { N: "1" } } }, s: { S: "s" } });
    const { error } = await call("UpdateItem", {
      TableName,
      Key,
      UpdateExpression: "SET a.n = :n ADD s :n",
      ExpressionAttributeValues: { ":n": { N: "5" } },
    });
    expect(error).toBe("ValidationException");
    const { body } = await call("GetItem", { TableName, Key });
    expect(body.Item).toEqual({ ...Key, a: { M: { n: { N: "1" } } }, s: { S: "s" } });
  });

  it("writes any name", async () => {
    const names = { "#p": "__proto__" };
    const values = { ":v": { S: "v" } };
    const updated = await update({ a: { M: {} } }, "SET #p = :v, a.#p = :v", values, names);
    expect(JSON.stringify(updated)).toContain('"__proto__":{"S":"v"}');
    expect(JSON.stringify(updated.a)).toBe('{"M":{"__proto__":{"S":"v"}}}');
  });

  it("makes the item where there is none, and says what it was before", async () => {
    const Key = { pk: { S: "made" } };
    const input = {
      TableName,
      Key,
      UpdateExpression: "ADD visits :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "UPDATED_OLD",
    };
    expect((await call("UpdateItem", input)).body).toEqual({});
    expect((await call("UpdateItem", input)).body).toEqual({ Attributes: { visits: { N: "1" } } });
  });
});

describe("a projection", () => {
  it("keeps the shape, without what is not there", async () => {
    const Key = await put({ a: { M: { x: { N: "1" }, y: { N: "2" } } }, l: numbers(0, 1, 2) });
    const { body } = await call("GetItem", {
      TableName,
      Key,
      ProjectionExpression: "a.x, a.z, l[2], l[0], b",
    });
    expect(body.Item).toEqual({ a: { M: { x: { N: "1" } } }, l: numbers(0, 2) });
  });
});

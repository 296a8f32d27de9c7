import dynalite from "dynalite";
import { beforeAll, describe, expect, it } from "vitest";
import { createTable, useDynamoDb, useServer } from "./call-dynamodb.ts";

const ours = useDynamoDb();
const oracle = useServer(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
const TableName = "table";
const Key = { pk: { S: "p" }, sk: { N: "1" } };
const Item = { ...Key, note: { S: "t" }, series: { L: [{ N: "1" }] }, nest: { M: { n: { N: "2" } } } };

beforeAll(async () => {
  for (const call of [ours, oracle]) {
    await createTable(call, TableName, { pk: "S", sk: "N" });
    await call("PutItem", { TableName, Item });
  }
});

const put = (attributes: object) => ["PutItem", { Item: { ...Key, ...attributes } }] as const;
const update = (UpdateExpression: string, values?: object, names?: object) =>
  [
    "UpdateItem",
    { Key, UpdateExpression, ExpressionAttributeValues: values, ExpressionAttributeNames: names },
  ] as const;
const when = (ConditionExpression: string, values?: object, names?: object) =>
  [
    "DeleteItem",
    { Key, ConditionExpression, ExpressionAttributeValues: values, ExpressionAttributeNames: names },
  ] as const;
const query = (KeyConditionExpression: string, values: object, rest: object = {}) =>
  ["Query", { KeyConditionExpression, ExpressionAttributeValues: values, ...rest }] as const;
const [p, one, two, nested] = [{ S: "p" }, { N: "1" }, { N: "2" }, { M: { n: { N: "1" } } }];

const onDemand = { BillingMode: "PAY_PER_REQUEST" } as const;

const failures: readonly (readonly [string, readonly [string, object]])[] = [
  ["no value at all", put({ a: {} })],
  ["a value of two types", put({ a: { S: "a", N: "1" } })],
  ["a number that is none", put({ a: { N: "one" } })],
  ["a number without digits", put({ a: { N: "" } })],
  ["a number too great", put({ a: { N: "1e126" } })],
  ["a number too small", put({ a: { N: "1e-131" } })],
  ["a number too exact", put({ a: { N: "1".repeat(39) } })],
  ["a null that is not", put({ a: { NULL: false } })],
  ["an empty set of strings", put({ a: { SS: [] } })],
  ["an empty set of numbers", put({ a: { NS: [] } })],
  ["an empty set of binary", put({ a: { BS: [] } })],
  ["a string twice in a set", put({ a: { SS: ["a", "b", "a"] } })],
  ["a number twice in a set", put({ a: { NS: ["1", "1.0"] } })],
  ["binary twice in a set", put({ a: { BS: ["YQ==", "YQ=="] } })],
  ["a mistake deep within", put({ a: { L: [{ M: { b: { N: "x" } } }] } })],
  ["an item too large", put({ a: { S: "a".repeat(400 * 1024) } })],
  ["an item without its key", ["PutItem", { Item: { pk: p } }]],
  ["a key of another type", ["PutItem", { Item: { pk: one, sk: one } }]],
  ["an empty key", ["PutItem", { Item: { pk: { S: "" }, sk: one } }]],
  ["a partition key too long", ["PutItem", { Item: { pk: { S: "a".repeat(2049) }, sk: one } }]],
  ["ReturnValues that a put has not", ["PutItem", { Item, ReturnValues: "ALL_NEW" }]],
  ["half of a key", ["GetItem", { Key: { pk: p } }]],
  ["a key with more", ["GetItem", { Key: Item }]],
  ["a key read with another type", ["GetItem", { Key: { pk: p, sk: p } }]],
  ["an empty key to read", ["GetItem", { Key: { pk: { S: "" }, sk: one } }]],
  ["no such table", ["GetItem", { TableName: "other", Key }]],
  ["no such table to describe", ["DescribeTable", { TableName: "other" }]],
  ["no such table to delete", ["DeleteTable", { TableName: "other" }]],

  ["a condition that does not hold", when("attribute_not_exists(pk)")],
  ["an empty condition", when("")],
  ["a value that is not defined", when("pk = :no")],
  ["a name that is not defined", when("attribute_exists(#no)")],
  ["a value left over", when("attribute_exists(pk)", undefined, { "#a": "a" })],
  ["a name left over", when("pk = :p", { ":p": p, ":q": p })],
  ["no names", when("attribute_exists(pk)", undefined, {})],
  ["no values", when("attribute_exists(pk)", {})],
  ["a malformed name", when("attribute_exists(pk)", undefined, { a: "a" })],
  ["a malformed value", when("attribute_exists(pk)", { a: p })],
  ["a value that is wrong", when("pk = :p", { ":p": { N: "x" } })],
  ["values without an expression", ["DeleteItem", { Key, ExpressionAttributeValues: { ":p": p } }]],
  ["names without an expression", ["DeleteItem", { Key, ExpressionAttributeNames: { "#p": "pk" } }]],
  ["a reserved word", when("attribute_exists(Status)")],
  ["an unknown function", when("starts(pk, :p)", { ":p": p })],
  ["an operand too many", when("attribute_exists(pk, sk)")],
  ["a value where a path must be", when("attribute_exists(:p)", { ":p": p })],
  ["a function as operand", when("attribute_exists(pk) = :p", { ":p": p })],
  ["a size as condition", when("size(pk)")],
  ["the size of a number", when("size(:n) > :n", { ":n": one })],
  ["a start that is no string", when("begins_with(pk, :n)", { ":n": one })],
  ["a type that is no name", when("attribute_type(pk, :n)", { ":n": one })],
  ["a type that there is not", when("attribute_type(pk, :t)", { ":t": { S: "T" } })],
  ["an operand twice", when("pk = pk")],
  ["bounds the wrong way round", when("sk BETWEEN :b AND :a", { ":a": one, ":b": two })],
  ["bounds of two types", when("sk BETWEEN :a AND :p", { ":a": one, ":p": p })],
  ["parentheses twice", when("((attribute_exists(pk)))")],

  ["an update of the key", update("SET pk = :p", { ":p": p })],
  ["a section twice", update("SET a = :p SET b = :p", { ":p": p })],
  ["paths that overlap", update("SET nest.a = :p, #m = :p", { ":p": p }, { "#m": "nest" })],
  ["paths in conflict", update("SET a.b = :p, a[0] = :p", { ":p": p })],
  ["the sum with a string", update("SET a = note + :n", { ":n": one })],
  ["the sum of a string", update("SET a = sk + :p", { ":p": p })],
  ["a list appended to a string", update("SET a = list_append(note, series)")],
  ["a number appended", update("SET a = list_append(series, :n)", { ":n": one })],
  ["a condition's function", update("SET a = contains(series, :n)", { ":n": one })],
  ["if_not_exists of a value", update("SET a = if_not_exists(:n, :n)", { ":n": one })],
  ["an operand too few", update("SET a = if_not_exists(a)")],
  ["what is not there", update("SET a = b")],
  ["a path through what is not there", update("SET a.b = :p", { ":p": p })],
  ["a path through a string", update("REMOVE note.b")],
  ["a position in a map", update("SET #m[0] = :p", { ":p": p }, { "#m": "nest" })],
  ["ADD of a string", update("ADD a :p", { ":p": p })],
  ["ADD to another type", update("ADD note :n", { ":n": one })],
  ["DELETE of a number", update("DELETE a :n", { ":n": one })],
  ["DELETE of a map", update("DELETE a :m", { ":m": nested })],
  ["DELETE from another type", update("DELETE note :s", { ":s": { SS: ["t"] } })],
  ["an item grown too large", update("SET a = :a", { ":a": { S: "a".repeat(400 * 1024 - 20) } })],
  ["a reserved word to set", update("SET name = :p", { ":p": p })],

  ["a query without a condition", ["Query", {}]],
  ["a query without the partition", query("sk = :n", { ":n": one })],
  ["a query by another attribute", query("pk = :p AND note = :p", { ":p": p })],
  ["a query for unequal", query("pk <> :p", { ":p": p })],
  ["a query with OR", query("pk = :p OR sk = :n", { ":p": p, ":n": one })],
  ["a query for a range of partitions", query("pk > :p", { ":p": p })],
  ["a query for one key twice", query("pk = :p AND sk > :a AND sk < :b", { ":p": p, ":a": one, ":b": two })],
  ["a query within a map", query("pk = :p AND sk.a = :n", { ":p": p, ":n": one })],
  ["a query by size", query("pk = :p AND size(sk) = :n", { ":p": p, ":n": one })],
  ["a query of another type", query("pk = :p AND sk = :p", { ":p": p })],
  ["a query by a function", query("pk = :p AND contains(sk, :n)", { ":p": p, ":n": one })],
  ["a query with attribute_exists", query("pk = :p AND attribute_exists(sk)", { ":p": p })],
  ["a filter on a key", query("pk = :p", { ":p": p, ":n": one }, { FilterExpression: "sk = :n" })],
  ["an unknown index", query("pk = :p", { ":p": p }, { IndexName: "other" })],
  [
    "a start beyond the partition",
    query("pk = :p", { ":p": p }, { ExclusiveStartKey: { pk: { S: "q" }, sk: one } }),
  ],
  [
    "a start beyond the range",
    query("pk = :p AND sk > :n", { ":p": p, ":n": one }, { ExclusiveStartKey: { pk: p, sk: one } }),
  ],
  ["a scan from half a key", ["Scan", { ExclusiveStartKey: { pk: p } }]],
  ["a segment without a total", ["Scan", { Segment: 1 }]],
  ["a total without a segment", ["Scan", { TotalSegments: 2 }]],
  ["a segment beyond the total", ["Scan", { Segment: 2, TotalSegments: 2 }]],
  ["a projection of overlapping paths", ["GetItem", { Key, ProjectionExpression: "a, a.b" }]],
  ["a projection of nothing", ["GetItem", { Key, ProjectionExpression: "" }]],

  ["a key twice in a batch", ["BatchGetItem", { RequestItems: { [TableName]: { Keys: [Key, Key] } } }]],
  [
    "an item twice in a batch",
    [
      "BatchWriteItem",
      { RequestItems: { [TableName]: [{ PutRequest: { Item } }, { DeleteRequest: { Key } }] } },
    ],
  ],
  ["a batch of an unknown table", ["BatchGetItem", { RequestItems: { other: { Keys: [Key] } } }]],
  ["a name of a table too short", ["GetItem", { TableName: "ab", Key }]],
  ["a name of a table with a space", ["GetItem", { TableName: "a table", Key }]],
  ["no table named", ["GetItem", { TableName: undefined, Key }]],
  ["no key", ["GetItem", {}]],
  ["no attributes to limit by", ["Scan", { Limit: 0 }]],
  ["a value that no enumeration has", ["GetItem", { Key, ReturnConsumedCapacity: "ALL" }]],
  ["billing without units", ["CreateTable", { TableName: "new", ...keySchema("pk", "pk") }]],
  ["a key without a definition", ["CreateTable", { TableName: "new", ...onDemand, ...keySchema("pk", "a") }]],
];

function keySchema(key: string, defined: string) {
  return {
    KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: defined, AttributeType: "S" }],
  };
}

describe("the embedded DynamoDB refuses, as dynalite does,", () => {
  it.each(failures)("%s", async (_title, [operation, input]) => {
    const [our, their] = await Promise.all(
      [ours, oracle].map(async (call) => {
        const { status, error, body } = await call(operation, { TableName, ...input });
        return { status, error, message: body.message ?? body.Message };
      }),
    );
    expect(our?.error).toBeDefined();
    expect(our).toEqual(their);
  });
});

import dynalite from "dynalite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryRequest } from "./arbitrary-request.ts";
import { type Answer, createTable, useDynamoDb, useServer } from "./call-dynamodb.ts";

const ours = useDynamoDb();
const oracle = useServer(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
let tableCount = 0;

describe("the embedded DynamoDB", () => {
  it.each(["S", "N", "B"] as const)(
    "answers any requests as dynalite does, on a table with a sort key of type %s",
    async (sortType) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(arbitraryRequest("table", sortType), { minLength: 1, maxLength: 40, size: "max" }),
          async (requests) => {
            const TableName = `table-${tableCount++}`;
            for (const call of [ours, oracle]) await createTable(call, TableName, { pk: "S", sk: sortType });
            // Whatever was written shows at the end.
            const all = {
              operation: "Scan",
              input: { ReturnConsumedCapacity: "TOTAL" },
            };
            for (const { operation, input } of [...requests, all]) {
              const [our, their] = await Promise.all(
                [ours, oracle].map(async (call) =>
                  comparable(await call(operation, { ...input, TableName })),
                ),
              );
              expect(our, JSON.stringify({ operation, input })).toEqual(their);
            }
          },
        ),
        { numRuns: 80 },
      );
    },
  );
});

/** What must be equal: of errors the name, because where two apply either may come first. */
function comparable({ status, error, body }: Answer): unknown {
  if (error !== undefined) return { status, error };
  const { Attributes, Items, ConsumedCapacity, ...rest } = body;
  return {
    status,
    ...rest,
    // dynalite returns an empty map where nothing was updated, DynamoDB none.
    Attributes: Attributes && Object.keys(Attributes).length > 0 ? Attributes : undefined,
    // The order of a scan is by hash, in each its own; the tests of paging see to the order of a query.
    Items: Items?.map((item: unknown) => JSON.stringify(sortKeys(item))).sort(),
    // dynalite takes a query that finds nothing to cost nothing.
    ConsumedCapacity: rest.ScannedCount === 0 ? undefined : ConsumedCapacity,
  };
}

function sortKeys(item: unknown): unknown {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
  return Object.fromEntries(
    Object.entries(item)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sortKeys(each)]),
  );
}

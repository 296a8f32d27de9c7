import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import {
  DynamoShardStateStore,
  type DynamoShardStateStoreOptions,
} from "../../../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { bytes, describeShardStateStore, mark, range, stateWrite } from "../contracts/shard-state-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveTable, tablesWith } from "./served-tables.ts";

async function serveStore(options: Partial<DynamoShardStateStoreOptions> = {}) {
  const served = await serveTable({ partition: ["pk", "S"], sort: ["sk", "S"] });
  const retry = instantRetry();
  const logger = new MemoryLogger();
  const { tables, client, table } = served;
  return {
    served,
    retry,
    logger,
    store: new DynamoShardStateStore({ client: tables, table, logger, retry, ...options }),
    get: async (pk: string, sk: string) =>
      (await client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } })))
        .Item,
  };
}

const countOf = (operations: readonly string[], operation: string) =>
  operations.filter((each) => each === operation).length;

describeShardStateStore("DynamoShardStateStore", async () => {
  const { store, get } = await serveStore();
  return {
    store,
    expiresAt: async (partitionKey, sortKey) => {
      const item = await get(partitionKey, sortKey);
      return item && Number(item.expiresAt!.N);
    },
  };
});

describe("DynamoShardStateStore", () => {
  it("keeps a map of mark and body per shard", async () => {
    const { store, get } = await serveStore();
    await store.write([stateWrite({ shard: "shardId-000000000000" }), stateWrite({ shard: "b", mark: "9" })]);
    expect(await get("p", "k")).toEqual({
      pk: { S: "p" },
      sk: { S: "k" },
      "s:shardId-000000000000": { M: { m: { S: mark(1) }, b: { B: bytes(1) } } },
      "s:b": { M: { m: { S: "9" }, b: { B: bytes(1) } } },
      expiresAt: { N: "1800000000" },
    });
  });

  it("asks once per range, and for one item by its key", async () => {
    const { served, store } = await serveStore();
    await store.read([range("a", "b"), range("c", "c"), range("d", "e"), range("f", "e")]);
    expect(served.operations.toSorted()).toEqual(["GetItem", "Query", "Query"]);
  });

  it("tells what reads and writes cost, where somebody wants to know", async () => {
    const units: [number, number][] = [];
    const { store } = await serveStore({ onUnits: (read, write) => units.push([read, write]) });
    await store.write([stateWrite({ body: new Uint8Array(2_000) }), stateWrite({ sortKey: "l" })]);
    await store.read([range("k", "k"), range("k", "l")]);
    // A unit per KiB written (2,000 bytes with names, keys and mark: 3) and per 4 KiB read consistently.
    expect(units.toSorted()).toEqual([
      [0, 1],
      [0, 3],
      [1, 0],
      [1, 0],
    ]);
  });

  it("tells every page's cost", async () => {
    let readUnits = 0;
    const { served, store } = await serveStore({ onUnits: (read) => (readUnits += read) });
    const body = new Uint8Array(300_000);
    await store.write(["1", "2", "3", "4", "5"].map((sortKey) => stateWrite({ sortKey, body })));
    await store.read([range("1", "5")]);
    expect(countOf(served.operations, "Query")).toBe(2);
    // 5 × 300,000 bytes and a little, in units of 4 KiB, rounded up once per page.
    expect(readUnits).toBeGreaterThanOrEqual(366);
    expect(readUnits).toBeLessThan(370);
  });

  it("takes the item that DynamoDB returns with a conflict, without reading it", async () => {
    const { served, store } = await serveStore();
    const standing = { "s:a": { M: { m: { S: mark(1) }, b: { B: "AA==" } } } };
    served.fault = () => ({
      kind: "respond",
      statusCode: 400,
      contentType: "application/x-amz-json-1.0",
      body: JSON.stringify({
        __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        message: "The conditional request failed",
        Item: standing,
      }),
    });
    expect(await store.write([stateWrite({}), stateWrite({ mark: mark(2) })])).toEqual([
      { index: 1, reason: "conflict" },
    ]);
    expect(served.operations).not.toContain("GetItem");
  });

  it("takes a write whose answer was lost for done", async () => {
    const { served, logger, store } = await serveStore({ concurrency: 1 });
    await store.write([stateWrite({})]);
    served.fault = (operation, count) =>
      operation === "UpdateItem" && count === 1 ? { kind: "loseAnswer" } : undefined;
    expect(await store.write([stateWrite({ expected: mark(1), mark: mark(2), body: bytes(2) })])).toEqual([]);
    expect(countOf(served.operations, "UpdateItem")).toBe(3);
    expect((await store.read([range("k", "k")]))[0]![0]!.parts.get("a")).toEqual({
      mark: mark(2),
      body: bytes(2),
    });
    expect(logger.lines).toEqual([]);
  });

  it("still sees the conflict when another was faster than the second attempt", async () => {
    const { served, logger, store } = await serveStore({ concurrency: 1 });
    await store.write([stateWrite({ mark: mark(7) })]);
    served.fault = (operation, count) =>
      operation === "UpdateItem" && count === 1 ? throttled() : undefined;
    expect(await store.write([stateWrite({})])).toEqual([{ index: 0, reason: "conflict" }]);
    expect(logger.lines).toMatchObject([
      { level: "warn", fields: { conflictCount: 1, unavailableCount: 0, writeCount: 1 } },
    ]);
  });

  it("writes again and reads again what does not answer in time", async () => {
    const { served } = await serveStore();
    const client = tablesWith(served, { requestTimeoutMs: 40 });
    served.fault = (_operation, count) => (count === 0 ? { kind: "hang" } : undefined);
    const { table } = served;
    const store = new DynamoShardStateStore({
      client,
      table,
      logger: new MemoryLogger(),
      retry: instantRetry(),
    });
    expect(await store.write([stateWrite({})])).toEqual([]);
    const found = await store.read([range("k", "k"), range("a", "z")]);
    expect(found.map((items) => items.length)).toEqual([1, 1]);
  });

  it("fails only the writes that stay throttled, and tells them from conflicts", async () => {
    const { served, logger, store } = await serveStore({ concurrency: 1 });
    await store.write([stateWrite({ sortKey: "2", mark: mark(9) })]);
    // Writes 0 and 1 take one attempt each, write 2 conflicts, write 3 is throttled six times.
    served.fault = (operation, count) =>
      operation === "UpdateItem" && count >= 4 && count < 10 ? throttled() : undefined;
    const writes = ["0", "1", "2", "3", "4"].map((sortKey) => stateWrite({ sortKey }));
    expect(await store.write(writes)).toEqual([
      { index: 2, reason: "conflict" },
      { index: 3, reason: "unavailable" },
    ]);
    expect((await store.read([range("0", "9")]))[0]!.map(({ sortKey }) => sortKey)).toEqual([
      "0",
      "1",
      "2",
      "4",
    ]);
    expect(logger.lines).toMatchObject([
      {
        fields: {
          conflictCount: 1,
          unavailableCount: 1,
          writeCount: 5,
          error: { code: "dependency.throttled" },
        },
      },
    ]);
  });

  it("reads on through throttles and failures, waiting longer each time", async () => {
    const { served, retry, store } = await serveStore();
    await store.write([stateWrite({})]);
    served.fault = (operation, count) =>
      operation !== "Query" || count > 2
        ? undefined
        : count === 1
          ? jsonFault(500, "InternalServerError", "down")
          : throttled();
    expect((await store.read([range("a", "z")]))[0]).toHaveLength(1);
    expect(retry.waitsMs).toEqual([25, 50, 100]);
  });

  it("throws when one range cannot be read, and asks for no further ones", async () => {
    const { served, store } = await serveStore({ concurrency: 1 });
    served.fault = (operation, count) => (operation === "Query" && count > 0 ? throttled() : undefined);
    const ranges = Array.from({ length: 50 }, () => range("a", "z"));
    await expect(store.read(ranges)).rejects.toMatchObject({
      name: "DependencyError",
      code: "dependency.throttled",
    });
    expect(countOf(served.operations, "Query")).toBe(7);
  });

  it("starts no request once the call's time is over, whatever the number of writes", async () => {
    let nowMs = 0;
    const retry = instantRetry({ totalMs: 1_000, attempts: 2, now: () => nowMs });
    const { served, store } = await serveStore({ concurrency: 1, retry });
    served.fault = () => {
      nowMs += 300;
      return jsonFault(500, "InternalServerError", "down");
    };
    const writes = Array.from({ length: 100 }, (_, i) => stateWrite({ sortKey: String(i) }));
    const failed = await store.write(writes);
    expect(failed).toHaveLength(100);
    expect(failed.every(({ reason }) => reason === "unavailable")).toBe(true);
    expect(countOf(served.operations, "UpdateItem")).toBe(4);
  });

  it("does not insist where access is denied", async () => {
    const { served, store } = await serveStore();
    served.fault = () => jsonFault(400, "AccessDeniedException", "no");
    await expect(store.read([range("a", "z")])).rejects.toMatchObject({ code: "dependency.unavailable" });
    expect(await store.write([stateWrite({})])).toEqual([{ index: 0, reason: "unavailable" }]);
    expect(served.operations).toEqual(["Query", "UpdateItem"]);
  });

  it("says which item holds what is no part", async () => {
    const { served, store } = await serveStore();
    const Item = { pk: { S: "p" }, sk: { S: "k" }, "s:a": { S: "text" } };
    await served.client.send(new PutItemCommand({ TableName: served.table, Item }));
    await expect(store.read([range("k", "k")])).rejects.toMatchObject({
      name: "InvariantError",
      message: expect.stringMatching(/^state p k: got an attribute "s:a"/),
    });
  });
});

import { DeleteTableCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import {
  DynamoResultCache,
  type DynamoResultCacheOptions,
} from "../../../../functions/adapters/aws/dynamo-result-cache.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { describeSharedResultCache } from "../contracts/shared-result-cache.ts";
import type { ServedFault } from "./serve-aws.ts";
import { serveTable } from "./served-tables.ts";

/** Far above what a request takes here, however busy the machine. */
const patientMs = 20_000;
const startMs = Date.UTC(2026, 0, 1);

async function serveCache(options: Partial<DynamoResultCacheOptions> = {}) {
  const served = await serveTable({ partition: ["key", "S"] });
  const { tables: client, table } = served;
  const logger = new MemoryLogger();
  let nowMs = startMs;
  const cache = new DynamoResultCache({
    ...{ client, table, logger, ttlSeconds: 60, getTimeoutMs: patientMs, setTimeoutMs: patientMs },
    now: () => nowMs,
    ...options,
  });
  const advance = (ms: number) => {
    nowMs += ms;
  };
  const asked = (operation: string) => served.operations.filter((each) => each === operation).length;
  return { served, cache, logger, advance, asked };
}

function entriesOf(count: number): Map<string, string> {
  return new Map(Array.from({ length: count }, (_, i) => [`m#${i}`, `{"y":${i}}`]));
}

/** DynamoDB's answer where it did nothing of what it was asked. */
function allUnprocessed(operation: string, requests: readonly object[]): ServedFault {
  const body = JSON.stringify(
    operation === "BatchGetItem"
      ? { Responses: { table: [] }, UnprocessedKeys: { table: { Keys: requests } } }
      : { UnprocessedItems: { table: requests } },
  );
  return { kind: "respond", statusCode: 200, contentType: "application/x-amz-json-1.0", body };
}

describeSharedResultCache("DynamoResultCache", serveCache);

describe("DynamoResultCache", () => {
  it("writes an item of key, outputs and expiry in epoch seconds", async () => {
    const { served, cache } = await serveCache();
    await cache.set(new Map([["m#a", '{"y":1}']]));
    const { Items } = await served.client.send(new ScanCommand({ TableName: served.table }));
    const expiresAt = { N: String(startMs / 1_000 + 60) };
    expect(Items).toEqual([{ key: { S: "m#a" }, outputs: { S: '{"y":1}' }, expiresAt }]);
  });

  it("asks for 100 keys at a time and writes 25 items at a time", async () => {
    const { cache, asked } = await serveCache();
    const entries = entriesOf(101);
    await cache.set(entries);
    await cache.get([...entries.keys()]);
    expect([asked("BatchWriteItem"), asked("BatchGetItem")]).toEqual([5, 2]);
  });

  it("asks again for what DynamoDB left unprocessed", async () => {
    const { served, cache, logger } = await serveCache();
    const entries = entriesOf(3);
    const keys = [...entries.keys()];
    const requests = {
      BatchWriteItem: [...entries].map(([key, outputs]) => ({
        PutRequest: {
          Item: { key: { S: key }, outputs: { S: outputs }, expiresAt: { N: String(startMs / 1_000 + 60) } },
        },
      })),
      BatchGetItem: keys.map((key) => ({ key: { S: key } })),
    } as const;
    served.fault = (operation, count) =>
      count === 0 && operation in requests
        ? allUnprocessed(operation, requests[operation as keyof typeof requests])
        : undefined;
    expect(await cache.set(entries)).toBe(true);
    expect(await cache.get(keys)).toEqual({ found: entries, failed: false });
    expect(logger.lines).toEqual([]);
  });

  it("gives up on keys that stay unprocessed, and says that it failed, once", async () => {
    const { served, cache, asked, logger } = await serveCache();
    await cache.set(entriesOf(2));
    served.fault = (operation) => allUnprocessed(operation, [{ key: { S: "m#0" } }]);
    expect(await cache.get(["m#0", "m#1"])).toEqual({ found: new Map(), failed: true });
    expect(asked("BatchGetItem")).toBe(3);
    expect(logger.lines).toHaveLength(1);
  });

  it("keeps what other requests found where one is throttled, and does not repeat that one", async () => {
    const { served, cache, asked, logger } = await serveCache();
    const entries = entriesOf(150);
    await cache.set(entries);
    served.fault = (operation, count) =>
      operation === "BatchGetItem" && count === 0 ? throttled() : undefined;
    const { found, failed } = await cache.get([...entries.keys()]);
    expect(failed).toBe(true);
    expect([50, 100]).toContain(found.size);
    expect(asked("BatchGetItem")).toBe(2);
    expect(logger.lines).toMatchObject([
      { level: "warn", fields: { error: { code: "dependency.throttled" } } },
    ]);
  });

  it("starts no further requests after one has failed", async () => {
    const { served, cache, asked } = await serveCache({ concurrency: 1 });
    served.fault = () => jsonFault(500, "InternalServerError", "down (simulated)");
    expect(await cache.set(entriesOf(200))).toBe(false);
    expect(asked("BatchWriteItem")).toBe(1);
  });

  it("ends when its time is up, with what it has found by then, and breaks off what hangs", async () => {
    const { served, cache, logger } = await serveCache({ getTimeoutMs: 1_500, setTimeoutMs: 50 });
    served.fault = (operation) => (operation === "BatchWriteItem" ? { kind: "hang" } : undefined);
    expect(await cache.set(entriesOf(30))).toBe(false);
    served.fault = () => undefined;
    const writer = new DynamoResultCache({
      ...{ client: served.tables, table: served.table, ttlSeconds: 60, logger },
      setTimeoutMs: patientMs,
      now: () => startMs,
    });
    const entries = entriesOf(150);
    await writer.set(entries);
    served.fault = (operation, count) =>
      operation === "BatchGetItem" && count === 1 ? { kind: "hang" } : undefined;
    const { found, failed } = await cache.get([...entries.keys()]);
    expect(failed).toBe(true);
    expect([50, 100]).toContain(found.size);
    expect(logger.lines).toMatchObject([
      { fields: { error: { code: "dependency.timeout" } } },
      { fields: { error: { code: "dependency.timeout" } } },
    ]);
  });

  it("fails without throwing where the table is gone", async () => {
    const { served, cache, logger } = await serveCache();
    await served.client.send(new DeleteTableCommand({ TableName: served.table }));
    await expect
      .poll(async () => {
        const { failed } = await cache.get(["m#a"]);
        return failed && !(await cache.set(new Map([["m#a", "1"]])));
      })
      .toBe(true);
    expect(logger.lines.at(-1)).toMatchObject({ fields: { error: { code: "dependency.unavailable" } } });
  });

  it("leaves out results too great to be worth reading, which is no failure", async () => {
    const { cache } = await serveCache();
    const outputs = "x".repeat(64 * 1_024);
    expect(
      await cache.set(
        new Map([
          ["m#fits", outputs],
          ["m#great", `${outputs}x`],
        ]),
      ),
    ).toBe(true);
    expect([...(await cache.get(["m#fits", "m#great"])).found.keys()]).toEqual(["m#fits"]);
  });

  it("passes over items that are none of its own", async () => {
    const { served, cache } = await serveCache();
    for (const rest of [{ outputs: { N: "1" } }, { outputs: { S: "1" } }] as const) {
      await served.client.send(
        new PutItemCommand({ TableName: served.table, Item: { key: { S: "m#a" }, ...rest } }),
      );
      expect(await cache.get(["m#a"])).toEqual({ found: new Map(), failed: false });
    }
  });
});

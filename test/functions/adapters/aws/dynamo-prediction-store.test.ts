import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import {
  DynamoPredictionStore,
  type DynamoPredictionStoreOptions,
} from "../../../../functions/adapters/aws/dynamo-prediction-store.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { predictionBatch } from "../contracts/prediction-batch.ts";
import { describePredictionStore } from "../contracts/prediction-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { type ServedTable, serveTable, tablesWith } from "./served-tables.ts";

async function serveStore(options: Partial<DynamoPredictionStoreOptions> = {}) {
  const served = await serveTable({ partition: ["pk", "S"], sort: ["sk", "S"] });
  const retry = instantRetry();
  const logger = new MemoryLogger();
  const { tables: client, table } = served;
  return {
    served,
    retry,
    logger,
    store: new DynamoPredictionStore({ client, table, logger, retry, ...options }),
  };
}

async function scan({ client, table }: ServedTable) {
  return (await client.send(new ScanCommand({ TableName: table }))).Items ?? [];
}

describePredictionStore("DynamoPredictionStore", async () => {
  const { served, store } = await serveStore();
  return {
    store,
    rows: async () =>
      (await scan(served)).map((item) => ({
        body: item.body!.S!,
        features: item.features!.B!,
        expiresAt: Number(item.expiresAt!.N),
      })),
  };
});

describe("DynamoPredictionStore", () => {
  it("keys a row by model and event, then role and prediction", async () => {
    const { served, store } = await serveStore();
    await store.put(predictionBatch(1));
    expect(await scan(served)).toEqual([
      {
        pk: { S: "m#event-0" },
        sk: { S: "champion#prediction-0" },
        body: { S: '{"predictionId":"prediction-0","outputs":{"p":0}}' },
        features: { B: Uint8Array.of(0, 0, 255) },
        expiresAt: { N: "1800000000" },
      },
    ]);
  });

  it("takes the item that DynamoDB returns with a conflict, without reading it", async () => {
    const { served, store } = await serveStore();
    const answer = JSON.stringify({
      __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item: { body: { S: "stored before" } },
    });
    served.fault = () => ({
      kind: "respond",
      statusCode: 400,
      contentType: "application/x-amz-json-1.0",
      body: answer,
    });
    expect(await store.put(predictionBatch(1))).toEqual({
      existing: new Map([[0, "stored before"]]),
      failed: [],
    });
    expect(served.operations).not.toContain("GetItem");
  });

  it("puts throttled rows again, waiting up to twice as long each time", async () => {
    const { served, retry, store } = await serveStore({ concurrency: 1 });
    served.fault = (operation, count) => (operation === "PutItem" && count < 3 ? throttled() : undefined);
    expect(await store.put(predictionBatch(3))).toEqual({ existing: new Map(), failed: [] });
    expect(retry.waitsMs).toEqual([25, 50, 100]);
    expect(await scan(served)).toHaveLength(3);
  });

  it("finds its own body under a put whose answer was lost", async () => {
    const { served, store } = await serveStore({ concurrency: 1 });
    served.fault = (operation, count) =>
      operation === "PutItem" && count === 1 ? { kind: "loseAnswer" } : undefined;
    const batch = predictionBatch(3);
    expect(await store.put(batch)).toEqual({ existing: new Map([[1, batch.bodies[1]]]), failed: [] });
    expect(await scan(served)).toHaveLength(3);
  });

  it("puts a row again whose answer does not come in time", async () => {
    const { served } = await serveStore();
    const client = tablesWith(served, { requestTimeoutMs: 40 });
    served.fault = (operation, count) =>
      operation === "PutItem" && count === 0 ? { kind: "hang" } : undefined;
    const store = new DynamoPredictionStore({
      client,
      table: served.table,
      logger: new MemoryLogger(),
      retry: instantRetry(),
    });
    expect(await store.put(predictionBatch(1))).toEqual({ existing: new Map(), failed: [] });
  });

  it("fails only the rows that stay throttled, and logs why once", async () => {
    const { served, logger, store } = await serveStore({ concurrency: 1 });
    // Six attempts of the second row, then of the fourth.
    served.fault = (operation, count) =>
      operation === "PutItem" && ((count >= 1 && count < 7) || (count >= 8 && count < 14))
        ? throttled()
        : undefined;
    expect(await store.put(predictionBatch(5))).toEqual({ existing: new Map(), failed: [1, 3] });
    expect((await scan(served)).map((item) => item.pk!.S).sort()).toEqual([
      "m#event-0",
      "m#event-2",
      "m#event-4",
    ]);
    expect(logger.lines).toMatchObject([
      { level: "warn", fields: { failedCount: 2, rowCount: 5, error: { code: "dependency.throttled" } } },
    ]);
  });

  it("starts no put once the batch's time is over, whatever the number of rows", async () => {
    let nowMs = 0;
    const retry = instantRetry({ totalMs: 1_000, attempts: 2, now: () => nowMs });
    const { served, logger, store } = await serveStore({ concurrency: 1, retry });
    served.fault = () => {
      nowMs += 300;
      return jsonFault(500, "InternalServerError", "down");
    };
    const rows = Array.from({ length: 400 }, (_, row) => row);
    expect((await store.put(predictionBatch(400))).failed).toEqual(rows);
    expect(served.operations.filter((operation) => operation === "PutItem")).toHaveLength(4);
    expect(logger.lines[0]?.fields).toMatchObject({
      failedCount: 400,
      error: { code: "dependency.unavailable" },
    });
  });

  it("fails a row that DynamoDB calls malformed without insisting", async () => {
    const { served, logger, store } = await serveStore();
    const result = await store.put(predictionBatch(2, { expiresAt: [Number.NaN, 1] }));
    expect(result.failed).toEqual([0]);
    expect(served.operations.filter((operation) => operation === "PutItem")).toHaveLength(2);
    expect(logger.lines[0]?.fields).toMatchObject({ error: { name: "InvariantError" } });
  });

  it("fails a row too large for an item, and stores the largest that fits", async () => {
    const { served, logger, store } = await serveStore();
    // 400 KiB less the names (25), the keys `m#event-0` (9) and `champion#prediction-0` (21), 21 for the number, and features (3).
    const largest = 400 * 1024 - 25 - 9 - 21 - 21 - 3;
    const batch = predictionBatch(2, { bodies: ["x".repeat(largest), "x".repeat(largest + 1)] });
    expect((await store.put(batch)).failed).toEqual([1]);
    expect(await scan(served)).toHaveLength(1);
    expect(String(logger.lines[0]?.fields.error)).toContain(`allowed ${400 * 1024}`);
  });
});

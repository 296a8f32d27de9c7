import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import {
  DynamoOutcomeStore,
  type DynamoOutcomeStoreOptions,
} from "../../../../functions/adapters/aws/dynamo-outcome-store.ts";
import { DynamoPredictionStore } from "../../../../functions/adapters/aws/dynamo-prediction-store.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { describeOutcomeStore, outcomeWrite, said, stored } from "../contracts/outcome-store.ts";
import { predictionBatch } from "../contracts/prediction-batch.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveTable } from "./served-tables.ts";

async function serveStore(options: Partial<DynamoOutcomeStoreOptions> = {}) {
  const served = await serveTable({ partition: ["pk", "S"], sort: ["sk", "S"] });
  const retry = instantRetry();
  const logger = new MemoryLogger();
  const { tables: client, table } = served;
  const shared = { client, table, logger, retry };
  return {
    ...{ served, retry, logger },
    predictions: new DynamoPredictionStore(shared),
    outcomes: new DynamoOutcomeStore({ ...shared, ...options }),
  };
}

const countOf = (operations: readonly string[], operation: string) =>
  operations.filter((each) => each === operation).length;

describeOutcomeStore("DynamoOutcomeStore", serveStore);

describe("DynamoOutcomeStore", () => {
  it("keeps an outcome as a map in the item of its prediction", async () => {
    const { served, predictions, outcomes } = await serveStore();
    await predictions.put(predictionBatch(1));
    await outcomes.write([outcomeWrite(0)]);
    const Key = { pk: { S: "m#event-0" }, sk: { S: "champion#prediction-0" } };
    const { Item } = await served.client.send(new GetItemCommand({ TableName: served.table, Key }));
    expect(Item?.outcome).toEqual({
      M: { by: { S: "e" }, label: { S: "1" }, time: { N: "981000000123" } },
    });
    expect(Item?.expiresAt).toEqual({ N: "1800000000" });
  });

  it("asks once per event, and once per outcome", async () => {
    const { served, predictions, outcomes } = await serveStore();
    await predictions.put(predictionBatch(3));
    served.operations.length = 0;
    await outcomes.find("m", ["event-0", "event-1"]);
    await outcomes.write([outcomeWrite(0), outcomeWrite(1)]);
    expect(served.operations).toEqual(["Query", "Query", "UpdateItem", "UpdateItem"]);
  });

  it("takes the item that DynamoDB returns with a conflict, without reading it", async () => {
    const { served, outcomes } = await serveStore();
    const outcome = { M: { by: { S: "e" }, label: { S: "0" }, time: { N: "5" } } };
    served.fault = () => ({
      kind: "respond",
      statusCode: 400,
      contentType: "application/x-amz-json-1.0",
      body: JSON.stringify({
        __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        message: "The conditional request failed",
        Item: { outcome },
      }),
    });
    const writes = [outcomeWrite(0), outcomeWrite(1, { outcome: said("other") })];
    expect(await outcomes.write(writes)).toEqual(["written", { by: "e", label: "0", timeMs: 5 }]);
    expect(served.operations).not.toContain("GetItem");
  });

  it("takes a write whose answer was lost for done", async () => {
    const { served, logger, predictions, outcomes } = await serveStore();
    await predictions.put(predictionBatch(1));
    served.fault = (operation, count) =>
      operation === "UpdateItem" && count === 0 ? { kind: "loseAnswer" } : undefined;
    expect(await outcomes.write([outcomeWrite(0)])).toEqual(["written"]);
    expect(countOf(served.operations, "UpdateItem")).toBe(2);
    expect(logger.lines).toEqual([]);
  });

  it("fails only the events that stay throttled, and logs why once", async () => {
    const { served, logger, retry, predictions, outcomes } = await serveStore({ concurrency: 1 });
    await predictions.put(predictionBatch(4));
    // The first query comes through at its third attempt, the second never.
    served.fault = (operation, count) =>
      operation === "Query" && count !== 2 && count < 9 ? throttled() : undefined;
    const found = await outcomes.find("m", ["event-0", "event-1", "event-2", "event-3"]);
    expect(found).toEqual([[stored(0)], "failed", [stored(2)], [stored(3)]]);
    expect(retry.waitsMs.slice(0, 2)).toEqual([25, 50]);
    expect(logger.lines).toMatchObject([
      { level: "warn", fields: { failedCount: 1, count: 4, error: { code: "dependency.throttled" } } },
    ]);
  });

  it("fails only the outcomes that stay throttled, and with them the later ones of the same predictions", async () => {
    const { served, logger, predictions, outcomes } = await serveStore({ concurrency: 1 });
    await predictions.put(predictionBatch(3));
    // Six attempts of the second outcome.
    served.fault = (operation, count) =>
      operation === "UpdateItem" && count >= 1 && count < 7 ? throttled() : undefined;
    const writes = [0, 1, 2, 1].map((row, i) => outcomeWrite(row, { outcome: said(`e${i}`) }));
    expect(await outcomes.write(writes)).toEqual(["written", "failed", "written", "failed"]);
    expect(await outcomes.find("m", ["event-1"])).toEqual([[stored(1)]]);
    expect(logger.lines).toMatchObject([{ fields: { failedCount: 1, count: 4 } }]);
  });

  it("does not insist where the prediction is gone", async () => {
    const { served, logger, outcomes } = await serveStore();
    expect(await outcomes.write([outcomeWrite(0)])).toEqual(["failed"]);
    expect(served.operations).toEqual(["UpdateItem", "GetItem"]);
    expect(logger.lines).toMatchObject([{ fields: { error: { code: "dependency.conflict" } } }]);
  });

  it("starts no request once the call's time is over, whatever the number of events", async () => {
    let nowMs = 0;
    const retry = instantRetry({ totalMs: 1_000, attempts: 2, now: () => nowMs });
    const { served, outcomes } = await serveStore({ concurrency: 1, retry });
    served.fault = () => {
      nowMs += 300;
      return jsonFault(500, "InternalServerError", "down");
    };
    const rows = Array.from({ length: 100 }, (_, row) => row);
    expect(await outcomes.find("m", rows.map(String))).toEqual(rows.map(() => "failed"));
    expect(await outcomes.write(rows.map((row) => outcomeWrite(row)))).toEqual(rows.map(() => "failed"));
    expect(countOf(served.operations, "Query")).toBe(4);
    expect(countOf(served.operations, "UpdateItem")).toBe(4);
  });

  it.each([
    ["body", {}],
    ["outcome", { body: { S: "{}" }, outcome: { S: "yes" } }],
  ])("fails an event whose item has no %s, and says which", async (name, attributes) => {
    const { served, logger, outcomes } = await serveStore();
    const Item = { pk: { S: "m#event-0" }, sk: { S: "champion#p" }, ...attributes };
    await served.client.send(new PutItemCommand({ TableName: served.table, Item }));
    expect(await outcomes.find("m", ["event-0"])).toEqual(["failed"]);
    expect(String(logger.lines[0]?.fields.error)).toContain(
      `prediction m#event-0 champion#p: got no "${name}"`,
    );
  });
});

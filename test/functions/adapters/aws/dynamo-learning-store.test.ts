import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { DynamoLearningStore } from "../../../../functions/adapters/aws/dynamo-learning-store.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { describeLearningStore, recordOf } from "../contracts/learning-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveTable, tablesWith } from "./served-tables.ts";

async function serveStore({ requestTimeoutMs = 3_000 } = {}) {
  const served = await serveTable({ partition: ["pk", "S"], sort: ["sk", "S"] });
  const client = tablesWith(served, { requestTimeoutMs });
  return { served, store: new DynamoLearningStore({ client, table: served.table, retry: instantRetry() }) };
}

describeLearningStore("DynamoLearningStore", async () => (await serveStore()).store);

describe("DynamoLearningStore on a bad day", () => {
  it("reads and writes on through throttles and failures", async () => {
    const { served, store } = await serveStore();
    served.fault = (_, count) =>
      count === 0 ? throttled() : count === 1 ? jsonFault(500, "InternalServerError", "down") : undefined;
    await store.write("m", recordOf(1));
    expect(await store.read("m")).toEqual(recordOf(1));
    expect(served.operations).toEqual([...Array(3).fill("PutItem"), ...Array(3).fill("GetItem")]);
  });

  it.each([
    ["dependency.throttled", throttled()],
    ["dependency.unavailable", jsonFault(500, "InternalServerError", "down")],
    ["dependency.unavailable", { kind: "reset" } as const],
  ])("gives up with %s after six attempts", async (code, fault) => {
    const { served, store } = await serveStore();
    served.fault = () => fault;
    await expect(store.read("m")).rejects.toMatchObject({ name: "DependencyError", code, retryable: true });
    expect(served.operations).toEqual(Array(6).fill("GetItem"));
  });

  it("asks anew where no answer comes", async () => {
    const { served, store } = await serveStore({ requestTimeoutMs: 200 });
    await store.write("m", recordOf(1));
    served.fault = (operation, count) =>
      operation === "GetItem" && count === 0 ? { kind: "hang" } : undefined;
    expect(await store.read("m")).toEqual(recordOf(1));
  });

  it("takes a write whose answer was lost for done, and sees the conflict of one that somebody else made", async () => {
    const { served, store } = await serveStore();
    served.fault = (operation, count) =>
      operation === "PutItem" && count === 0 ? { kind: "loseAnswer" } : undefined;
    await store.write("m", recordOf(1));
    expect(await store.read("m")).toEqual(recordOf(1));
    served.fault = (operation, count) => (operation === "PutItem" && count === 2 ? throttled() : undefined);
    await expect(store.write("m", recordOf(1, "late"))).rejects.toMatchObject({ name: "ConflictError" });
  });

  it("says that an item is no record", async () => {
    const { served, store } = await serveStore();
    const Item = { pk: { S: "m#learning" }, sk: { S: "record" }, revision: { S: "one" } };
    await served.client.send(new PutItemCommand({ TableName: served.table, Item }));
    await expect(store.read("m")).rejects.toMatchObject({
      name: "InvariantError",
      message: expect.stringContaining("revision"),
    });
  });
});

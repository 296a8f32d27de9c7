import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { DynamoLedger } from "../../../../functions/adapters/aws/dynamo-ledger.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { describeLedger, publishEntry } from "../contracts/ledger.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveTable } from "./served-tables.ts";

async function serveLedger() {
  const served = await serveTable({ partition: ["model", "S"], sort: ["revision", "N"] });
  const retry = instantRetry();
  return { served, retry, ledger: new DynamoLedger({ client: served.tables, table: served.table, retry }) };
}

describeLedger("DynamoLedger", async () => (await serveLedger()).ledger);

describe("DynamoLedger on a bad day", () => {
  it("reads on through throttles and failures, waiting longer each time", async () => {
    const { served, retry, ledger } = await serveLedger();
    await ledger.append(publishEntry(1));
    served.fault = (operation, count) =>
      operation !== "Query" || count > 2
        ? undefined
        : count === 1
          ? jsonFault(500, "InternalServerError", "down")
          : throttled();
    expect(await ledger.latest("m")).toEqual(publishEntry(1));
    expect(retry.waitsMs).toEqual([25, 50, 100]);
  });

  it.each([
    ["dependency.throttled", throttled()],
    ["dependency.unavailable", jsonFault(500, "InternalServerError", "down")],
    ["dependency.unavailable", { kind: "reset" } as const],
  ])("gives up with %s after six attempts", async (code, fault) => {
    const { served, ledger } = await serveLedger();
    served.fault = () => fault;
    await expect(ledger.latest("m")).rejects.toMatchObject({
      name: "DependencyError",
      code,
      retryable: true,
    });
    expect(served.operations.filter((each) => each === "Query")).toHaveLength(6);
  });

  it("does not insist where access is denied", async () => {
    const { served, ledger } = await serveLedger();
    served.fault = () => jsonFault(400, "AccessDeniedException", "no");
    await expect(ledger.append(publishEntry(1))).rejects.toMatchObject({ code: "dependency.unavailable" });
    expect(served.operations.filter((each) => each === "PutItem")).toHaveLength(1);
  });

  it("takes an append whose answer was lost for done", async () => {
    const { served, ledger } = await serveLedger();
    served.fault = (operation, count) =>
      operation === "PutItem" && count === 0 ? { kind: "loseAnswer" } : undefined;
    await ledger.append(publishEntry(1));
    expect(await ledger.history("m")).toEqual([publishEntry(1)]);
  });

  it("takes an append for done whose answer was lost with a connection that was kept", async () => {
    const { served, retry, ledger } = await serveLedger();
    await ledger.latest("m");
    served.fault = (operation, count) =>
      operation === "PutItem" && count === 0 ? { kind: "loseAnswer" } : undefined;
    await ledger.append(publishEntry(1));
    expect(retry.waitsMs).toEqual([]);
    expect(await ledger.history("m")).toEqual([publishEntry(1)]);
  });

  it("still sees a conflict on a second attempt", async () => {
    const { served, ledger } = await serveLedger();
    await ledger.append(publishEntry(1));
    served.fault = (operation, count) => (operation === "PutItem" && count === 1 ? throttled() : undefined);
    await expect(ledger.append({ ...publishEntry(1), by: "late" })).rejects.toMatchObject({
      name: "ConflictError",
    });
  });

  it("says which item is no entry", async () => {
    const { served, ledger } = await serveLedger();
    await served.client.send(
      new PutItemCommand({ TableName: served.table, Item: { model: { S: "m" }, revision: { N: "4" } } }),
    );
    await expect(ledger.latest("m")).rejects.toMatchObject({
      name: "InvariantError",
      message: expect.stringMatching(/m \(revision 4\).*change/),
    });
  });

  it("reads a history longer than a page", async () => {
    const { ledger } = await serveLedger();
    const why = "x".repeat(300_000);
    for (let revision = 1; revision <= 5; revision++) await ledger.append({ ...publishEntry(revision), why });
    expect((await ledger.history("m")).map((entry) => entry.revision)).toEqual([5, 4, 3, 2, 1]);
    expect((await ledger.history("m", { limit: 4 })).map((entry) => entry.revision)).toEqual([5, 4, 3, 2]);
  });
});

import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { createDynamoSharedTiers } from "../../../../functions/adapters/aws/dynamo-shared-tiers.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../../functions/adapters/memory/memory-metrics.ts";
import { modelPackage } from "../../../../functions/contract/model-package.ts";
import { throttled } from "../../../../scripts/local/faults.ts";
import { serveTable } from "./served-tables.ts";

function packageWith(cache: object) {
  return modelPackage.parse({
    name: "m",
    features: { x: { from: "x" } },
    outputs: { y: { from: "y" } },
    cache,
  });
}

async function serveTiers() {
  const served = await serveTable({ partition: ["key", "S"] });
  const { tables: client, table } = served;
  const metrics = new MemoryMetrics();
  const logger = new MemoryLogger();
  return { served, metrics, tierOf: createDynamoSharedTiers({ client, table, model: "m", metrics, logger }) };
}

it("makes none for a package that never shares", async () => {
  const { tierOf } = await serveTiers();
  expect(tierOf(packageWith({ shared: "never" }))).toBeUndefined();
});

it("keeps results as long as the package says, and counts what it asked for, found and decided", async () => {
  const { served, metrics, tierOf } = await serveTiers();
  const tier = tierOf(packageWith({ shared: "always", ttl: "2h" }))!;
  expect(tier.isWorthwhile(0.5, 2)).toBe(true);
  await (await tier.lookUp(["a", "b"], 0.5)).settle(new Map([["a", '{"y":1}']]));
  const { Items } = await served.client.send(new ScanCommand({ TableName: served.table }));
  expect(Items).toHaveLength(1);
  expect(Math.abs(Number(Items![0]!.expiresAt!.N) - Date.now() / 1_000 - 7_200)).toBeLessThan(120);
  await tier.lookUp(["a", "b"], 0.5).then(({ settle }) => settle(new Map()));
  const names = ["CacheHits", "CacheMisses", "CacheErrors", "CacheMismatch", "CacheShared", "RowCostUs"];
  expect(names.map((name) => metrics.sum(name))).toEqual([1, 3, 0, 0, 1, 500]);
  expect(tier.isWorthwhile(0.5, 2)).toBe(true);
  expect(metrics.sum("CacheKeyCostUs")).toBeGreaterThan(0);
});

it("counts failures, and decides against a cache that has just failed", async () => {
  const { served, metrics, tierOf } = await serveTiers();
  served.fault = () => throttled();
  const tier = tierOf(packageWith({ shared: "always" }))!;
  await (await tier.lookUp(["a"], 0.5)).settle(new Map([["a", '{"y":1}']]));
  tier.isWorthwhile(0.5, 1);
  expect(metrics.sum("CacheErrors")).toBe(1);
  expect(metrics.recorded.filter(({ name }) => name === "CacheShared").map(({ value }) => value)).toEqual([
    0,
  ]);
});

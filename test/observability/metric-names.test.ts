import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { createDynamoSharedTiers } from "../../functions/adapters/aws/dynamo-shared-tiers.ts";
import { MemoryLogger } from "../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../functions/adapters/memory/memory-metrics.ts";
import { DependencyError } from "../../functions/core/errors.ts";
import { setUp as setUpArchive } from "../functions/archive/set-up.ts";
import { setUp as setUpPredict } from "../functions/predict/set-up.ts";
import { ask, setUp as setUpStream, tablePackage } from "../functions/stream/set-up.ts";
import { synthesise } from "../infra/synthesise.ts";

describe("metrics of the namespace Headrace", () => {
  it("that a dashboard or an alarm names are all emitted by the functions", async () => {
    const named = namedMetrics();
    expect(named.size).toBeGreaterThan(20);
    const emitted = await emittedMetrics();
    expect([...named].filter((name) => !emitted.has(name))).toEqual([]);
  });
});

/** Names that the templates of the functions hold, in dashboards' bodies and in alarms. */
function namedMetrics(): ReadonlySet<string> {
  const app = synthesise();
  const dashboards = app.ofType("AWS::CloudWatch::Dashboard").map(({ Properties }) => Properties);
  const bodies = JSON.stringify(dashboards).replaceAll("\\", "");
  const ofDashboards = [...bodies.matchAll(/\["Headrace","(\w+)"/g)].map(([, name]) => name!);
  const alarms = JSON.stringify(app.ofType("AWS::CloudWatch::Alarm"));
  const ofAlarms = [
    ...alarms.matchAll(/"MetricName":"(\w+)","Namespace":"Headrace"/g),
    ...alarms.matchAll(/"Namespace":"Headrace","MetricName":"(\w+)"/g),
  ].map(([, name]) => name!);
  const searched = [...bodies.matchAll(/MetricName="?(\w+)/g)].map(([, name]) => name!);
  return new Set([...ofDashboards, ...ofAlarms, ...searched]);
}

/** Names that the functions emit in batches and requests of every kind, over ports in memory. */
async function emittedMetrics(): Promise<ReadonlySet<string>> {
  const metrics = new MemoryMetrics();
  const onRun = (_: number, durationMs: number) => metrics.add("RunDurationMs", durationMs, "Milliseconds");
  const makeShared = (client: DynamoDBClient) =>
    createDynamoSharedTiers({ client, table: "cache", model: "table", metrics, logger: new MemoryLogger() });
  const cached = tablePackage({ cache: { shared: "always" } });
  const parts: MemoryMetrics[] = [metrics];

  const stream = await setUpStream(cached, {}, { onRun, makeShared: makeShared(emptyTable) });
  await stream.deliver([ask("a", 0), ask("b", "far"), { type: "other" }]);
  await stream.deliver([ask("c", 1)], 3);
  await stream.deliver([ask("d", 2)], 4);
  parts.push(stream.metrics);

  const withoutTable = await setUpStream(cached, {}, { onRun, makeShared: makeShared(absentTable) });
  await withoutTable.deliver([ask("a", 0)]);

  const unpublished = await setUpStream(undefined);
  await unpublished.deliver([ask("a", 0)]);
  parts.push(unpublished.metrics);

  const down = new DependencyError("the ledger is down", { code: "dependency.timeout" });
  const withoutLedger = await setUpStream(undefined, { champion: { read: () => Promise.reject(down) } });
  await withoutLedger.deliver([ask("a", 0)]);
  parts.push(withoutLedger.metrics);

  const predict = await setUpPredict(cached, {}, { onRun });
  for (let i = 0; i < 2; i++) await predict.call("POST", "/models/table/predict", { events: [ask("a", 0)] });
  parts.push(predict.metrics);

  const archive = setUpArchive();
  await archive.deliver([{ position: 0, data: "{}" }]);
  await archive.publish("m");
  archive.wait();
  await archive.deliver([{ position: 0, data: "{}" }]);
  parts.push(archive.metrics);
  return new Set(parts.flatMap(({ recorded }) => recorded.map(({ name }) => name)));
}

/** Takes everything and holds nothing. */
const emptyTable = clientOf(async () => ({ Responses: {}, UnprocessedKeys: {}, UnprocessedItems: {} }));
const absentTable = clientOf(() => Promise.reject(new Error("there is no such table")));

function clientOf(send: () => Promise<object>): DynamoDBClient {
  return { send } as unknown as DynamoDBClient;
}

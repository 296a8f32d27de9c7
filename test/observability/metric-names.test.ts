import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createDynamoSharedTiers } from "../../functions/adapters/aws/dynamo-shared-tiers.ts";
import { createModelServing } from "../../functions/adapters/aws/model-serving.ts";
import type { TableClient } from "../../functions/adapters/aws/table-client.ts";
import { MemoryLogger } from "../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../functions/adapters/memory/memory-metrics.ts";
import { MemoryShadowQueue } from "../../functions/adapters/memory/memory-shadow-queue.ts";
import { createMemoryGauge } from "../../functions/adapters/observe/memory-gauge.ts";
import { DependencyError } from "../../functions/core/errors.ts";
import { createShadowScorer } from "../../functions/shadow/score-served-rows.ts";
import { serveTable } from "../functions/adapters/aws/served-tables.ts";
import { range, stateWrite } from "../functions/adapters/contracts/shard-state-store.ts";
import { setUp as setUpArchive } from "../functions/archive/set-up.ts";
import { setUp as setUpPredict } from "../functions/predict/set-up.ts";
import { ask, setUp as setUpStream, tablePackage } from "../functions/stream/set-up.ts";
import { synthesise } from "../infra/synthesise.ts";
import { failToSketch, watch } from "./emitted-by-watching.ts";

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
  const makeShared = (client: TableClient) =>
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
  const withoutLedger = await setUpStream(undefined, { roles: { read: () => Promise.reject(down) } });
  await withoutLedger.deliver([ask("a", 0)]);
  parts.push(withoutLedger.metrics);

  const predict = await setUpPredict(cached, {}, { onRun });
  for (let i = 0; i < 2; i++) await predict.call("POST", "/models/table/predict", { events: [ask("a", 0)] });
  parts.push(predict.metrics);

  parts.push(await rollOut(), await watch(), await failToSketch());

  const archive = setUpArchive();
  await archive.deliver([{ position: 0, data: "{}" }]);
  await archive.publish("m");
  archive.wait();
  await archive.deliver([{ position: 0, data: "{}" }]);
  parts.push(archive.metrics);

  for (const label of [{ from: "value", above: 15 }, { from: "value" }]) parts.push(await remember(label));
  const names = parts.flatMap(({ recorded }) => recorded.map(({ name }) => name));
  return new Set([...names, ...(await namesOfState())]);
}

/** A challenger that answers and then errs, and a shadow that scores, and whose rows are then not taken. @returns what it measured */
async function rollOut(): Promise<MemoryMetrics> {
  const shadows = new MemoryShadowQueue();
  const stage = await setUpPredict(tablePackage(), { shadows });
  createMemoryGauge({ metrics: stage.metrics, memoryMiB: 1769, functionName: "f", nowMs: () => 0 }).tell();
  const champion = { digest: stage.digest! };
  // A table of one: every other place makes its run fail.
  const digest = await stage.publish(tablePackage({}, [0.5]), () => ({ champion }));
  const broken = await stage.publish(new Map([["model.json", Buffer.from("{}")]]), () => ({ champion }));
  const predict = (events: readonly object[]) => stage.call("POST", "/models/table/predict", { events });
  await stage.move({ champion, challenger: { digest, share: 1 }, shadow: { digest, sample: 1 } });
  await predict([ask("a", 0)]);
  for (const batch of shadows.batches) await createShadowScorer(stage.deps)(batch);
  await predict([ask("b", 1), ask("c", 1), ask("d", 1)]);
  for (const batch of shadows.batches) await createShadowScorer(stage.deps)(batch);
  await stage.move({ champion, challenger: { digest: broken, share: 1 } });
  await predict([ask("e", 1)]);
  return stage.metrics;
}

/** A model with a view and outcomes, through every fate, a late event and a second delivery. @returns what it measured */
async function remember(label: object): Promise<MemoryMetrics> {
  const at = (time: string) => ({ at: `2001-01-31T${time}:00Z` });
  const truth = (of: string, value: number, time: string) => ({ type: "truth", of, value, ...at(time) });
  const { deliver, metrics } = await setUpStream(
    tablePackage({
      views: { facts: { on: { type: "fact" }, key: "key", time: "at", tile: "1m" } },
      outcome: { on: { type: "truth" }, id: "of", time: "at", label, within: "1h" },
    }),
  );
  const events = [
    ask("a", 0, at("10:00")),
    { type: "fact", key: "x", ...at("10:00") },
    { type: "fact", key: "x", ...at("09:00") },
    truth("a", 20, "10:30"),
    truth("a", 20, "10:30"),
    truth("a", 3, "10:30"),
    truth("nobody", 20, "10:30"),
    ask("b", 1, at("10:00")),
    truth("b", 20, "11:01"),
  ];
  for (let delivery = 0; delivery < 2; delivery++) expect(await deliver(events)).toEqual([]);
  return metrics;
}

/** Names that the functions' own wiring gives to what a table of state charges. */
async function namesOfState(): Promise<readonly string[]> {
  const { config, table } = await serveTable({ partition: ["pk", "S"], sort: ["sk", "S"] });
  vi.stubEnv("AWS_ENDPOINT_URL", config.endpoint);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  vi.stubEnv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769");
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "function");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { deps, state, dynamo } = createModelServing({
    HEADRACE_STAGE: "dev",
    HEADRACE_MODEL: "table",
    HEADRACE_LEDGER_TABLE: "ledger",
    HEADRACE_MODELS_BUCKET: "models",
    HEADRACE_PREDICTIONS_TABLE: "predictions",
    HEADRACE_CACHE_TABLE: "cache",
    HEADRACE_TILES_TABLE: table,
    HEADRACE_SKETCHES_TABLE: "sketches",
    HEADRACE_EVENTS_STREAM: "events",
    HEADRACE_PREDICTION_DAYS: "1",
  });
  onTestFinished(() => dynamo.destroy());
  const added = vi.spyOn(deps.metrics, "add");
  await state(table).write([stateWrite({})]);
  await state(table).read([range("a", "z")]);
  return added.mock.calls.map(([name]) => name);
}

/** Takes everything and holds nothing. */
const emptyTable = clientOf(async () => ({ Responses: {}, UnprocessedKeys: {}, UnprocessedItems: {} }));
const absentTable = clientOf(() => Promise.reject(new Error("there is no such table")));

function clientOf(call: () => Promise<object>): TableClient {
  const none = () => Promise.reject(new Error("not asked for"));
  return {
    ...{ getItem: none, putItem: none, updateItem: none, query: none, destroy() {} },
    ...{ batchGetItem: call, batchWriteItem: call },
  };
}

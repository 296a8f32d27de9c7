import type { Ledger } from "../../functions/core/rollout/ledger.ts";
import { estimateCost, type SharedUsage } from "./estimated-cost.ts";
import type { MetricQuery, MetricReader } from "./metric-reader.ts";
import type { StageFunction } from "./stage-functions.ts";
import type { ModelStatus, StageLatency } from "./status-report.ts";

export interface ReadModelOptions {
  readonly stage: string;
  readonly model: string;
  readonly functions: readonly StageFunction[];
  readonly metrics: MetricReader;
  readonly ledger: Ledger;
  readonly shared: SharedUsage;
}

const namespace = "Headrace";

/** Stages of the work by the metrics that time them. Decoding and features are one pass. */
const stages: readonly (readonly [stage: string, metric: string])[] = [
  ["queue", "QueueMs"],
  ["decode + features", "DecodeMs"],
  ["state", "StateMs"],
  ["cache", "CacheMs"],
  ["run", "RunDurationMs"],
  ["write", "WriteMs"],
  ["reject", "RejectMs"],
  ["batch, warm", "BatchDurationMs"],
  ["batch, cold", "ColdBatchDurationMs"],
  ["request, warm", "RequestDurationMs"],
  ["request, cold", "ColdRequestDurationMs"],
];

/** Read what one model did in the window. */
export async function readModel(options: ReadModelOptions): Promise<ModelStatus> {
  const { stage, model, functions, metrics, ledger, shared } = options;
  const dimensions = { Stage: stage, Model: model };
  const own = (metric: string, statistic: MetricQuery["statistic"] = "Sum"): MetricQuery => ({
    namespace,
    metric,
    dimensions,
    statistic,
  });
  const [champion, counted, latency, rejectedByReason, perFunction, parked, routes] = await Promise.all([
    readChampion(ledger, model),
    metrics.read({
      events: own("Events"),
      predictions: own("Predictions"),
      skipped: own("Skipped"),
      rejected: own("Rejected"),
      retried: own("Retried"),
      dependencyErrors: own("DependencyErrors"),
      modelErrors: own("ModelErrors"),
      coldBatches: own("ColdBatchDurationMs", "SampleCount"),
      coldRequests: own("ColdRequestDurationMs", "SampleCount"),
      hits: own("CacheHits"),
      misses: own("CacheMisses"),
      cacheErrors: own("CacheErrors"),
      mismatches: own("CacheMismatch"),
      asked: own("CacheShared", "Average"),
      rowCostUs: own("RowCostUs", "Average"),
      keyCostUs: own("CacheKeyCostUs", "Average"),
      requests: own("Requests"),
      stateReadUnits: own("StateReadUnits"),
      stateWriteUnits: own("StateWriteUnits"),
      requestP50: own("RequestDurationMs", "p50"),
      requestP99: own("RequestDurationMs", "p99"),
    }),
    readLatency(metrics, own),
    readReasons(metrics, dimensions),
    Promise.all(functions.map((each) => readFunction(metrics, each))),
    readParked(metrics, functions),
    readRoutes(metrics, stage, model),
  ]);
  const { hits = 0, misses = 0, predictions = 0, requests = 0 } = counted;
  const { stateReadUnits = 0, stateWriteUnits = 0 } = counted;
  return {
    model,
    champion,
    events: counted.events ?? 0,
    predictions,
    skipped: counted.skipped ?? 0,
    rejected: counted.rejected ?? 0,
    rejectedByReason,
    retried: counted.retried ?? 0,
    parked,
    iteratorAgeMs: perFunction.find(({ kind }) => kind === "stream")?.iteratorAgeMs ?? null,
    latency,
    coldStarts: (counted.coldBatches ?? 0) + (counted.coldRequests ?? 0),
    cache: {
      hits,
      misses,
      hitRatio: hits + misses === 0 ? null : hits / (hits + misses),
      errors: counted.cacheErrors ?? 0,
      mismatches: counted.mismatches ?? 0,
      askedRatio: counted.asked ?? null,
      rowCostUs: counted.rowCostUs ?? null,
      keyCostUs: counted.keyCostUs ?? null,
    },
    dependencyErrors: counted.dependencyErrors ?? 0,
    modelErrors: counted.modelErrors ?? 0,
    functions: perFunction.map(({ kind, name, invocations, errors, throttles }) => {
      return { kind, name, invocations, errors, throttles };
    }),
    api: functions.some(({ kind }) => kind === "predict")
      ? { requests, p50Ms: counted.requestP50 ?? null, p99Ms: counted.requestP99 ?? null, ...routes }
      : null,
    usdPerThousandPredictions: estimateCost(
      { functions: perFunction, requests, stateReadUnits, stateWriteUnits, predictions },
      shared,
    ),
  };
}

async function readChampion(ledger: Ledger, model: string): Promise<ModelStatus["champion"]> {
  const [newest, ...older] = await ledger.history(model);
  const digest = newest?.aliases.champion?.digest;
  if (newest === undefined || digest === undefined) return null;
  // Since the oldest entry of an unbroken row of entries with this champion.
  let since = newest.at;
  for (const entry of older) {
    if (entry.aliases.champion?.digest !== digest) break;
    since = entry.at;
  }
  return { digest, since };
}

async function readLatency(
  metrics: MetricReader,
  own: (metric: string, statistic: MetricQuery["statistic"]) => MetricQuery,
): Promise<readonly StageLatency[]> {
  const read = await metrics.read(
    Object.fromEntries(
      stages.flatMap(([stage, metric]) =>
        (["p50", "p99"] as const).map((statistic) => [`${stage} ${statistic}`, own(metric, statistic)]),
      ),
    ),
  );
  return stages.map(([stage]) => ({
    stage,
    p50Ms: read[`${stage} p50`] ?? null,
    p99Ms: read[`${stage} p99`] ?? null,
  }));
}

async function readReasons(
  metrics: MetricReader,
  dimensions: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, number>>> {
  const series = { namespace, metric: "RejectedByReason", dimensions };
  const reasons = await metrics.valuesOf(series, "Reason");
  const counted = await metrics.read(
    Object.fromEntries(
      reasons.map((Reason) => [
        Reason,
        { ...series, dimensions: { ...dimensions, Reason }, statistic: "Sum" as const },
      ]),
    ),
  );
  return Object.fromEntries(
    Object.entries(counted).flatMap(([reason, count]) => (count === undefined ? [] : [[reason, count]])),
  );
}

async function readFunction(metrics: MetricReader, of: StageFunction) {
  const { kind, name, memoryMiB, architecture } = of;
  const query = (metric: string, statistic: MetricQuery["statistic"] = "Sum"): MetricQuery => ({
    namespace: "AWS/Lambda",
    metric,
    dimensions: { FunctionName: name },
    statistic,
  });
  const read = await metrics.read({
    invocations: query("Invocations"),
    errors: query("Errors"),
    throttles: query("Throttles"),
    durationMs: query("Duration"),
    iteratorAgeMs: query("IteratorAge", "Maximum"),
  });
  const { invocations = 0, errors = 0, throttles = 0, durationMs = 0, iteratorAgeMs } = read;
  return { kind, name, memoryMiB, architecture, invocations, errors, throttles, durationMs, iteratorAgeMs };
}

/** Counted by Lambda alone, under the event source; none measured is none parked only where event sources count at all. */
async function readParked(
  metrics: MetricReader,
  functions: readonly StageFunction[],
): Promise<number | null> {
  const eventSources = functions.flatMap((each) => each.eventSources);
  const query = (metric: string, EventSourceMappingUUID: string): MetricQuery => ({
    namespace: "AWS/Lambda",
    metric,
    dimensions: { EventSourceMappingUUID },
    statistic: "Sum",
  });
  const read = await metrics.read(
    Object.fromEntries(
      eventSources.flatMap((id) => [
        [`polled ${id}`, query("PolledEventCount", id)],
        [`parked ${id}`, query("OnFailureDestinationDeliveredEventCount", id)],
      ]),
    ),
  );
  if (Object.values(read).every((value) => value === undefined)) return null;
  return eventSources.reduce((sum, id) => sum + (read[`parked ${id}`] ?? 0), 0);
}

/** What the gateway refused or failed, on the routes that ask the model. */
async function readRoutes(metrics: MetricReader, stage: string, model: string) {
  const resources = [
    `/v2/models/${model}/infer`,
    `/v2/models/${model}/versions/{version}/infer`,
    `/models/${model}/predict`,
  ];
  const query = (metric: string, Resource: string): MetricQuery => ({
    namespace: "AWS/ApiGateway",
    metric,
    dimensions: { ApiName: `headrace-${stage}`, Method: "POST", Resource, Stage: stage },
    statistic: "Sum",
  });
  const read = await metrics.read(
    Object.fromEntries(
      resources.flatMap((each) => [
        [`4XX ${each}`, query("4XXError", each)],
        [`5XX ${each}`, query("5XXError", each)],
      ]),
    ),
  );
  const sum = (kind: string) => {
    const found = resources.flatMap((each) => read[`${kind} ${each}`] ?? []);
    return found.length === 0 ? null : found.reduce((total, value) => total + value, 0);
  };
  return { clientErrors: sum("4XX"), serverErrors: sum("5XX") };
}

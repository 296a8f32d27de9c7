import type { LedgerEntry } from "../../functions/contract/ledger.ts";
import type { Ledger } from "../../functions/core/rollout/ledger.ts";
import { reportModel } from "../rollout/model-report.ts";
import { estimateCost, type SharedUsage } from "./estimated-cost.ts";
import type { MetricQuery, MetricReader } from "./metric-reader.ts";
import { type DriftStores, readDriftStatus } from "./read-drift.ts";
import type { StageFunction } from "./stage-functions.ts";
import type { ModelStatus, StageLatency } from "./status-report.ts";

export interface ReadModelOptions {
  readonly stage: string;
  readonly model: string;
  readonly functions: readonly StageFunction[];
  readonly metrics: MetricReader;
  readonly ledger: Ledger;
  readonly shared: SharedUsage;
  readonly stores: DriftStores;
  readonly nowMs: number;
  /** Says in one line how a version beside the champion compares with it. @default nobody does */
  readonly verdictOf?: VerdictOf | undefined;
}

export type VerdictOf = (live: LedgerEntry, role: "challenger" | "shadow") => Promise<string | undefined>;

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
  const [entries, counted, latency, rejectedByReason, perFunction, parked, routes] = await Promise.all([
    ledger.history(model),
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
      challengerAnswers: own("ChallengerAnswers"),
      challengerErrors: own("ChallengerErrors"),
      challengerStopped: own("ChallengerStopped"),
      shadowScored: own("ShadowScored"),
      shadowDropped: own("ShadowDropped"),
    }),
    readLatency(metrics, own),
    readReasons(metrics, dimensions),
    Promise.all(functions.map((each) => readFunction(metrics, each, dimensions))),
    readParked(metrics, functions),
    readRoutes(metrics, stage, model),
  ]);
  const { hits = 0, misses = 0, predictions = 0, requests = 0 } = counted;
  const { stateReadUnits = 0, stateWriteUnits = 0 } = counted;
  const digest = entries[0]?.aliases.champion?.digest;
  return {
    model,
    ...(await readRoles(entries, counted, options.verdictOf)),
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
    functions: perFunction.map(({ kind, name, invocations, errors, throttles, memoryUsedRatio }) => {
      return { kind, name, invocations, errors, throttles, memoryUsedRatio };
    }),
    api: functions.some(({ kind }) => kind === "predict")
      ? { requests, p50Ms: counted.requestP50 ?? null, p99Ms: counted.requestP99 ?? null, ...routes }
      : null,
    drift:
      digest === undefined
        ? null
        : await readDriftStatus(options.stores, { model, digest, nowMs: options.nowMs }),
    usdPerThousandPredictions: estimateCost(
      { functions: perFunction, requests, stateReadUnits, stateWriteUnits, predictions },
      shared,
    ),
  };
}

type RoleCounts = Readonly<
  Record<
    `challenger${"Answers" | "Errors" | "Stopped"}` | `shadow${"Scored" | "Dropped"}`,
    number | undefined
  >
>;

/** Who serves now, by the ledger, and what came of it in the window. */
async function readRoles(
  history: readonly LedgerEntry[],
  counted: RoleCounts,
  verdictOf: VerdictOf = async () => undefined,
): Promise<Pick<ModelStatus, "champion" | "challenger" | "shadow">> {
  const live = history[0];
  if (live === undefined) return { champion: null, challenger: null, shadow: null };
  const reports = reportModel(history).aliases;
  const find = (alias: string) => {
    const found = reports.find((each) => each.alias === alias);
    return found && { digest: found.digest, since: found.since };
  };
  const [champion, challenger, shadow] = [find("champion"), find("challenger"), find("shadow")];
  const share = live.aliases.challenger?.share ?? 0;
  const sample = live.aliases.shadow?.sample ?? 0;
  return {
    champion: champion ?? null,
    challenger: challenger
      ? {
          ...{ ...challenger, share },
          answers: counted.challengerAnswers ?? 0,
          errors: counted.challengerErrors ?? 0,
          stopped: counted.challengerStopped ?? 0,
          verdict: (await verdictOf(live, "challenger")) ?? null,
        }
      : null,
    shadow: shadow
      ? {
          ...{ ...shadow, sample },
          scored: counted.shadowScored ?? 0,
          dropped: counted.shadowDropped ?? 0,
          verdict: (await verdictOf(live, "shadow")) ?? null,
        }
      : null,
  };
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

async function readFunction(
  metrics: MetricReader,
  of: StageFunction,
  ofModel: Readonly<Record<string, string>>,
) {
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
    memory: {
      namespace,
      metric: "MemoryUsedRatio",
      dimensions: { ...ofModel, Function: name },
      statistic: "Maximum",
    },
  });
  const { invocations = 0, errors = 0, throttles = 0, durationMs = 0, iteratorAgeMs } = read;
  return {
    ...{ kind, name, memoryMiB, architecture, invocations, errors, throttles, durationMs, iteratorAgeMs },
    memoryUsedRatio: read.memory ?? null,
  };
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

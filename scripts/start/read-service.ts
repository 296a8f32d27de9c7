import { setTimeout as sleep } from "node:timers/promises";
import { type AwsAccessOptions, awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoOutcomeStore } from "../../functions/adapters/aws/dynamo-outcome-store.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { S3LayoutStore } from "../../functions/adapters/aws/s3-layout-store.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { StageName, StateOutputs } from "../../functions/contract/stack-outputs.ts";
import type { Logger } from "../../functions/core/observe/logger.ts";
import { accuracyOf, totalAccuracy } from "../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../functions/core/outcome/accuracy-store.ts";
import { createRowDecoders } from "../../functions/core/outcome/row-decoders.ts";
import type { Cloud } from "../local/cloud.ts";
import type { ReplayResult } from "../replay/replay.ts";
import type { ScoredFlight } from "../replay/scoreboard.ts";
import type { ServiceReport } from "../replay/show-replay.ts";
import { type ServedFeatures, shownFlights } from "../summary/format-summary.ts";
import type { OutcomeReport } from "../summary/report.ts";

export interface ServiceOptions {
  readonly cloud: Pick<Cloud, "metrics">;
  readonly outputs: StateOutputs;
  readonly client: AwsAccessOptions;
  readonly stage: StageName;
  readonly model: string;
  /** How long nothing new may be counted before the rest is given up. */
  readonly quietMs: number;
  readonly signal: AbortSignal;
}

/** Ask the service itself, when it is through with every event: what it made of the outcomes, and what it served. */
export async function readService(result: ReplayResult, options: ServiceOptions): Promise<ServiceReport> {
  const { cloud, outputs, stage, model } = options;
  const sum = (metric: string) =>
    cloud.metrics.sum({ namespace: "Headrace", metric, dimensions: { Stage: stage, Model: model } });
  const eventCount = result.phases.reduce((count, phase) => count + phase.eventCount, 0);
  await untilDone(eventCount, options);
  const access = awsAccess(options.client);
  const client = tableClient(access);
  const objects = objectClient(access);
  try {
    const sketches = new DynamoShardStateStore({ client, table: outputs.SketchesTableName, logger: silent });
    const outcomes = new DynamoOutcomeStore({ client, table: outputs.PredictionsTableName, logger: silent });
    const layouts = new S3LayoutStore({ client: objects, bucket: outputs.ModelsBucketName });
    const perThousand = (metric: string) => (eventCount === 0 ? null : (1000 * sum(metric)) / eventCount);
    return {
      outcomes: {
        joined: sum("OutcomesJoined"),
        early: sum("OutcomesEarly"),
        ...(await championAccuracy(sketches, model, result.scored)),
        readUnitsPerThousand: perThousand("StateReadUnits"),
        writeUnitsPerThousand: perThousand("StateWriteUnits"),
      },
      served: await servedFeatures(result.scored, {
        model,
        outcomes,
        decoders: createRowDecoders({ model, layouts, logger: silent }),
      }),
    };
  } finally {
    client.destroy();
  }
}

/** Wait until the stream function has counted so many events. */
export async function untilDone(
  eventCount: number,
  {
    cloud,
    stage,
    model,
    quietMs,
    signal,
  }: Pick<ServiceOptions, "cloud" | "stage" | "model" | "quietMs" | "signal">,
): Promise<void> {
  const counted = () =>
    cloud.metrics.sum({
      namespace: "Headrace",
      metric: "Events",
      dimensions: { Stage: stage, Model: model },
    });
  let last = counted();
  let changedAt = performance.now();
  while (last < eventCount && performance.now() - changedAt < quietMs) {
    await sleep(20, undefined, { signal });
    const now = counted();
    if (now > last) changedAt = performance.now();
    last = now;
  }
}

async function championAccuracy(
  sketches: DynamoShardStateStore,
  model: string,
  scored: readonly ScoredFlight[],
): Promise<Pick<OutcomeReport, "auc" | "logLoss">> {
  const times = scored.map(({ flight }) => flight.departsMs).sort((a, b) => a - b);
  if (times.length === 0) return { auc: null, logLoss: null };
  const stored = await readAccuracy(sketches, model, { fromMs: times[0]!, toMs: times.at(-1)! });
  const partial = totalAccuracy(
    stored.filter(({ role }) => role === "champion").map(({ partial: each }) => each),
  );
  const accuracy = partial && accuracyOf(partial);
  return accuracy?.kind === "binary"
    ? { auc: accuracy.auc ?? null, logLoss: accuracy.logLoss ?? null }
    : { auc: null, logLoss: null };
}

/** The rows that were stored with the predictions shown: what the model saw, not computed again. */
async function servedFeatures(
  scored: readonly ScoredFlight[],
  {
    model,
    outcomes,
    decoders,
  }: {
    readonly model: string;
    readonly outcomes: DynamoOutcomeStore;
    readonly decoders: ReturnType<typeof createRowDecoders>;
  },
): Promise<ServedFeatures> {
  const shown = shownFlights(scored).map(({ prediction }) => prediction);
  const found = await outcomes.find(
    model,
    shown.map(({ eventId }) => eventId),
  );
  const served = new Map<string, Readonly<Record<string, number | readonly number[]>>>();
  for (const [i, { eventId, digest, role }] of shown.entries()) {
    const stored = found[i];
    const row =
      stored === undefined || stored === "failed" ? undefined : stored.find((each) => each.role === role);
    const features = row && (await decoders.of(digest as ModelDigest))?.decode(row.features);
    if (features !== undefined) served.set(eventId, features);
  }
  return served;
}

/** The terminal is for the summary; what fails throws. */
const silent: Logger = { info() {}, warn() {}, error() {} };

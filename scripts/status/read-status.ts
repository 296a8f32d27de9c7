import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { S3PackageDeclarations } from "../../functions/adapters/aws/s3-package-declarations.ts";
import { JsonLogger } from "../../functions/adapters/observe/json-logger.ts";
import type { StageName, StateOutputs } from "../../functions/contract/stack-outputs.ts";
import { discoverStage } from "../discover.ts";
import type { SharedUsage } from "./estimated-cost.ts";
import { createMetricReader, type MetricQuery, type MetricReader } from "./metric-reader.ts";
import { readModel } from "./read-model.ts";
import { listStageFunctions } from "./stage-functions.ts";
import type { StatusReport } from "./status-report.ts";
import { createVerdictLine } from "./verdict-line.ts";

export interface ReadStatusOptions {
  readonly stage: StageName;
  /** Only this one's. @default every model of the stage */
  readonly model?: string;
  readonly minutes: number;
  readonly nowMs: number;
}

/**
 * Read how a deployed stage fares, wherever the SDK's own environment points.
 *
 * @throws {Error} when the stage, or the model asked for, is not deployed there.
 */
export async function readStatus(options: ReadStatusOptions): Promise<StatusReport> {
  const { stage, nowMs, minutes } = options;
  const outputs = await discoverStage(stage);
  const [dynamo, cloudwatch, lambda] = [
    tableClient(awsAccess()),
    new CloudWatchClient({}),
    new LambdaClient({}),
  ];
  try {
    const functions = await listStageFunctions(lambda, stage);
    const all = [...functions.keys()];
    if (options.model !== undefined && !functions.has(options.model)) {
      throw new Error(
        `--model: got "${options.model}", the stage ${stage} has ${all.join(", ") || "no models"}; deploy it, or name one of these`,
      );
    }
    const metrics = createMetricReader(cloudwatch, { nowMs, minutes });
    const ledger = new DynamoLedger({ client: dynamo, table: outputs.LedgerTableName });
    const state = (table: string) =>
      new DynamoShardStateStore({ client: dynamo, table, logger: new JsonLogger() });
    const stores = { tiles: state(outputs.TilesTableName), sketches: state(outputs.SketchesTableName) };
    const declarations = new S3PackageDeclarations({
      client: objectClient(awsAccess()),
      bucket: outputs.ModelsBucketName,
    });
    const verdictOf = createVerdictLine(stores, declarations);
    const shared = await readSharedUsage(metrics, { stage, outputs, models: all });
    const models = options.model === undefined ? all : [options.model];
    return {
      stage,
      from: metrics.from.toISOString(),
      until: metrics.until.toISOString(),
      models: await Promise.all(
        models.map((model) =>
          readModel({
            ...{ stage, model, functions: functions.get(model)!, metrics, ledger, shared },
            ...{ stores, nowMs, verdictOf },
          }),
        ),
      ),
      alarms: await readAlarms(cloudwatch, stage),
    };
  } finally {
    for (const client of [dynamo, cloudwatch, lambda]) client.destroy();
  }
}

interface SharedOf {
  readonly stage: string;
  readonly outputs: StateOutputs;
  readonly models: readonly string[];
}

/** The units that the dashboards' estimate shares among the models; of streams the bytes, as for on-demand ones. */
async function readSharedUsage(
  metrics: MetricReader,
  { stage, outputs, models }: SharedOf,
): Promise<SharedUsage> {
  const sum = (namespace: string, metric: string, dimensions: Readonly<Record<string, string>>) =>
    ({ namespace, metric, dimensions, statistic: "Sum" }) satisfies MetricQuery;
  const tables = [outputs.PredictionsTableName, outputs.CacheTableName, outputs.LedgerTableName];
  const streams = [outputs.EventsStreamName, outputs.PredictionsStreamName];
  const total = async (queries: readonly MetricQuery[]) =>
    Object.values(await metrics.read(Object.fromEntries(queries.map((each, i) => [i, each])))).reduce(
      (added: number, value) => added + (value ?? 0),
      0,
    );
  const consumed = (kind: string) =>
    total(tables.map((TableName) => sum("AWS/DynamoDB", `Consumed${kind}CapacityUnits`, { TableName })));
  return {
    dynamoReadUnits: await consumed("Read"),
    dynamoWriteUnits: await consumed("Write"),
    kinesisBytes: await total(
      streams.map((StreamName) => sum("AWS/Kinesis", "IncomingBytes", { StreamName })),
    ),
    predictions: await total(models.map((Model) => sum("Headrace", "Predictions", { Stage: stage, Model }))),
  };
}

async function readAlarms(client: CloudWatchClient, stage: string): Promise<StatusReport["alarms"]> {
  const found = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: `Headrace-${stage}-` },
  ))
    found.push(...MetricAlarms);
  return {
    evaluated: !found.every(({ StateReason = "" }) => StateReason.includes("does not evaluate")),
    inAlarm: found
      .filter(({ StateValue }) => StateValue === "ALARM")
      .map(({ AlarmName = "", AlarmDescription, StateUpdatedTimestamp }) => ({
        name: AlarmName,
        description: AlarmDescription ?? null,
        since: StateUpdatedTimestamp?.toISOString() ?? null,
      })),
  };
}

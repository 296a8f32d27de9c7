import { Duration } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { ArchiveEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { eventSourceSettings } from "../config/event-source-settings.ts";
import type { Architecture } from "../config/target.ts";
import { addAlarm } from "./add-alarm.ts";
import type { CostTerm } from "./cost-per-thousand.ts";
import { functionCost } from "./function-cost.ts";
import { type ArchiveMetric, archiveMetric } from "./model-metrics.ts";
import { NodeFunction, type NodeFunctionProps } from "./node-function.ts";
import type { StateResources } from "./state-resources.ts";
import { StreamConsumer } from "./stream-consumer.ts";

export interface ArchiveFunctionProps extends Omit<NodeFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  /** Names of the models that are served: what is private to any of them is left out. */
  readonly models: readonly string[];
  readonly state: StateResources;
  /** How long a batch may wait to fill: an object is written per batch. */
  readonly windowSeconds: number;
}

/** It compresses 6 MB at most, in a third of a vCPU, and runs no model. */
const settings = { memoryMiB: 512, timeoutSeconds: 60 };

/** How far behind is too far: some windows, and well within the records' greatest age. */
const iteratorAgeSeconds = 900;

/** Keeps every event of the stream in S3, whatever the models make of it: what a backfill replays. */
export class ArchiveFunction extends Construct {
  readonly function: lambda.Function;
  readonly consumer: StreamConsumer;
  readonly #stage: StageName;
  readonly #architecture: Architecture;

  constructor(scope: Construct, id: string, props: ArchiveFunctionProps) {
    super(scope, id);
    const { stage, models, state, windowSeconds } = props;
    this.#stage = stage;
    this.#architecture = props.architecture;
    const environment: ArchiveEnv = {
      HEADRACE_STAGE: stage,
      HEADRACE_MODELS: models.join(","),
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_DATA_BUCKET: state.data.bucketName,
    };
    const archive = new NodeFunction(this, "Archive", { ...props, settings, environment });
    this.function = archive.function;
    state.registry.grantReadDeclarations(archive, models);
    state.data.grantUnder(archive, "archive/", "s3:PutObject");
    this.consumer = new StreamConsumer(this, "Consumer", {
      stream: state.events,
      function: this.function,
      parked: state.parked,
      settings: eventSourceSettings.parse({ windowSeconds }),
      alarms: state.alarms,
      iteratorAgeSeconds,
    });
    addAlarm(this, "Errors", {
      metric: this.function.metricErrors({ period: Duration.minutes(1) }),
      threshold: 1,
      evaluationPeriods: 1,
      description: "archiving failed as a whole: a crash, a timeout or a bug; events wait on the stream",
      entry: "errors",
      topic: state.alarms,
    });
  }

  /** One of the archive's own metrics. @default sum over 1 minute */
  metric(name: ArchiveMetric, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return archiveMetric(this.#stage, name, options);
  }

  /** What it uses of what is paid by use; objects are some per shard and minute. */
  costTerms(): CostTerm[] {
    const { memoryMiB } = settings;
    return functionCost(this.function, { memoryMiB, architecture: this.#architecture });
  }
}

import { Duration, Validations } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { DriftEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { addAlarm } from "./add-alarm.ts";
import { modelMetric } from "./model-metrics.ts";
import { NodeFunction, type NodeFunctionProps } from "./node-function.ts";
import type { StateResources } from "./state-resources.ts";

export interface DriftFunctionProps extends Omit<NodeFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  /** Names of the models that are served. */
  readonly models: readonly string[];
  readonly state: StateResources;
}

/** It measures some thousand histograms per window; one of a month of busy hours takes some hundred MB while it is read. */
const settings = { memoryMiB: 1024, timeoutSeconds: 240 };

/** How often it looks whether a window of event time is over. */
const everyMinutes = 5;

/** Compares what the models are asked with what they were trained on, on a schedule, and alarms when a model drifts. */
export class DriftFunction extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: DriftFunctionProps) {
    super(scope, id);
    const { stage, models, state } = props;
    const environment: DriftEnv = {
      HEADRACE_STAGE: stage,
      HEADRACE_MODELS: models.join(","),
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_TILES_TABLE: state.features.tiles.tableName,
      HEADRACE_SKETCHES_TABLE: state.features.sketches.tableName,
    };
    const watcher = new NodeFunction(this, "Watcher", { ...props, settings, environment });
    this.function = watcher.function;
    state.registry.grantReadReferences(watcher, models);
    state.features.grantWatch(watcher);
    this.#addSchedule();
    this.#addAlarms(props);
  }

  /** Scheduler tries a call that it could not make again until the next is due, and then says so in a queue. */
  #addSchedule(): void {
    const failed = new sqs.Queue(this, "Failed", {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(failed).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "It is the dead-letter queue itself.",
    });
    const role = new iam.Role(this, "ScheduleRole", {
      assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com"),
    });
    iam.Grant.addToPrincipal({
      grantee: role,
      actions: ["lambda:InvokeFunction"],
      resourceArns: [this.function.functionArn],
    });
    iam.Grant.addToPrincipal({
      grantee: role,
      actions: ["sqs:SendMessage"],
      resourceArns: [failed.queueArn],
    });
    // Not the construct for a schedule: its role may call every version of the function.
    new CfnSchedule(this, "Schedule", {
      description: "looks whether windows of event time are over, and whether they drifted",
      scheduleExpression: `rate(${everyMinutes} minutes)`,
      flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 1 },
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumEventAgeInSeconds: everyMinutes * 60, maximumRetryAttempts: 3 },
        deadLetterConfig: { arn: failed.queueArn },
      },
    });
  }

  #addAlarms({ stage, models, state }: DriftFunctionProps): void {
    addAlarm(this, "Errors", {
      metric: this.function.metricErrors({ period: Duration.minutes(everyMinutes) }),
      threshold: 1,
      evaluationPeriods: 3,
      description: "drift is not watched: the function failed in three runs on end",
      entry: "drifterrors",
      topic: state.alarms,
    });
    for (const model of models) {
      addAlarm(this, `Drift-${model}`, {
        metric: modelMetric({ stage, model }, "DriftAlarm", {
          statistic: cloudwatch.Stats.MAXIMUM,
          // Two runs, the later of which may come a minute late: the metric has no holes.
          period: Duration.minutes(2 * everyMinutes),
        }),
        threshold: 1,
        evaluationPeriods: 1,
        description: "what the model is asked, or what it says, is not what it was trained on",
        entry: "drift",
        topic: state.alarms,
      });
    }
  }
}

import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { StreamEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { ModelSettings } from "../config/model-settings.ts";
import { pricesPerMillion } from "../config/prices.ts";
import { addAlarm } from "./add-alarm.ts";
import type { CostTerm } from "./cost-per-thousand.ts";
import { type FunctionSize, functionCost } from "./function-cost.ts";
import { InferenceFunction, type InferenceFunctionProps } from "./inference-function.ts";
import {
  type Loss,
  type ModelMetric,
  memoryMetric,
  modelMetric,
  rejectedByReason,
  rivalLossMetric,
} from "./model-metrics.ts";
import type { StateResources } from "./state-resources.ts";
import { StreamConsumer } from "./stream-consumer.ts";

export interface ModelStreamProps extends Omit<InferenceFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  /** The model's name. */
  readonly model: string;
  readonly settings: ModelSettings;
  readonly state: StateResources;
}

/** One model on the events stream: its function, what it may touch, how it reads the stream, and its alarms. */
export class ModelStream extends Construct {
  readonly model: string;
  readonly function: lambda.Function;
  readonly consumer: StreamConsumer;
  readonly #stage: StageName;
  readonly #settings: FunctionSize;

  constructor(scope: Construct, id: string, props: ModelStreamProps) {
    super(scope, id);
    const { stage, model, settings, state } = props;
    this.model = model;
    this.#stage = stage;
    this.#settings = { memoryMiB: settings.memoryMiB, architecture: props.architecture };
    const environment: StreamEnv = {
      HEADRACE_STAGE: stage,
      HEADRACE_MODEL: model,
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_PREDICTIONS_TABLE: state.predictions.table.tableName,
      HEADRACE_CACHE_TABLE: state.cache.table.tableName,
      HEADRACE_TILES_TABLE: state.features.tiles.tableName,
      HEADRACE_SKETCHES_TABLE: state.features.sketches.tableName,
      HEADRACE_EVENTS_STREAM: state.events.streamName,
      HEADRACE_PREDICTIONS_STREAM: state.predictions.stream.streamName,
      HEADRACE_DATA_BUCKET: state.data.bucketName,
      HEADRACE_PREDICTION_DAYS: String(settings.predictionDays),
    };
    const inference = new InferenceFunction(this, "Inference", { ...props, environment });
    this.function = inference.function;
    state.registry.grantRead(inference, model);
    state.predictions.grantWrite(inference, model);
    state.cache.grantUse(inference, model);
    state.features.grantFeed(inference, model);
    for (const kind of ["rejects", "examples", "early"])
      state.data.grantUnder(inference, `${kind}/${model}/`, "s3:PutObject");
    this.consumer = new StreamConsumer(this, "Consumer", {
      stream: state.events,
      function: this.function,
      parked: state.parked,
      settings: settings.eventSource,
      fanOutName: settings.consumer === "fanOut" ? model : undefined,
      alarms: state.alarms,
      iteratorAgeSeconds: settings.alarms.iteratorAgeSeconds,
    });
    this.#addAlarms(state.alarms, settings.alarms);
  }

  /** One of the model's own metrics. @default sum over 1 minute */
  metric(name: ModelMetric, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return modelMetric({ stage: this.#stage, model: this.model }, name, options);
  }

  /** Share of its memory that the function uses, 0 to 1. @default maximum over 1 minute */
  metricMemoryRatio(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return memoryMetric({ stage: this.#stage, model: this.model, function: this.function }, options);
  }

  /** What the outcomes say of the challenger or the shadow. @default average over 1 minute */
  metricRivalLoss(loss: Loss, role: "challenger" | "shadow"): cloudwatch.Metric {
    return rivalLossMetric({ stage: this.#stage, model: this.model }, loss, { role });
  }

  /** Share of the shadow's events that it did not come to, 0 to 1; 0 where there were none. Over 1 minute. */
  metricShadowDroppedRatio(): cloudwatch.MathExpression {
    return new cloudwatch.MathExpression({
      label: "dropped ratio",
      expression: "IF(scored + dropped > 0, dropped / (scored + dropped), 0)",
      usingMetrics: { scored: this.metric("ShadowScored"), dropped: this.metric("ShadowDropped") },
      period: Duration.minutes(1),
    });
  }

  /** Rejected events, one line per code. */
  metricRejectedByReason(): cloudwatch.MathExpression {
    return rejectedByReason({ stage: this.#stage, model: this.model });
  }

  /** What only this model uses of what is paid by use: this function, and the tables of views and accuracy by whoever reads them. */
  costTerms(): CostTerm[] {
    return [
      ...functionCost(this.function, this.#settings),
      { units: this.metric("StateReadUnits"), perMillion: pricesPerMillion.dynamoReadUnits },
      { units: this.metric("StateWriteUnits"), perMillion: pricesPerMillion.dynamoWriteUnits },
    ];
  }

  /** Share of the outcomes for known predictions that contradict an earlier one, 0 to 1; 0 where there were none. @default over 5 minutes */
  metricConflictingRatio(options: { readonly period?: Duration } = {}): cloudwatch.MathExpression {
    const period = options.period ?? Duration.minutes(5);
    const known = "joined + repeated + conflicting";
    return new cloudwatch.MathExpression({
      label: "conflicting ratio",
      expression: `IF(${known} > 0, conflicting / (${known}), 0)`,
      usingMetrics: {
        joined: this.metric("OutcomesJoined", { period }),
        repeated: this.metric("OutcomesRepeated", { period }),
        conflicting: this.metric("OutcomesConflicting", { period }),
      },
      period,
    });
  }

  /** Share of events rejected, 0 to 1; 0 where there were none. @default over 5 minutes */
  metricRejectedRatio(options: { readonly period?: Duration } = {}): cloudwatch.MathExpression {
    const period = options.period ?? Duration.minutes(5);
    return new cloudwatch.MathExpression({
      label: "rejected ratio",
      expression: "IF(events > 0, rejected / events, 0)",
      usingMetrics: {
        events: this.metric("Events", { period }),
        rejected: this.metric("Rejected", { period }),
      },
      period,
    });
  }

  #addAlarms(topic: sns.ITopic, { rejectedRatio, conflictingRatio }: ModelSettings["alarms"]): void {
    const everyMinute = { period: Duration.minutes(1) };
    addAlarm(this, "Errors", {
      metric: this.function.metricErrors(everyMinute),
      threshold: 1,
      evaluationPeriods: 1,
      description:
        "an invocation failed as a whole: a crash, a timeout or a bug; dependencies failing do not show here",
      entry: "errors",
      topic,
    });
    addAlarm(this, "Throttles", {
      metric: this.function.metricThrottles(everyMinute),
      threshold: 1,
      evaluationPeriods: 5,
      description: "the function lacks concurrency: raise reservedConcurrency or the account's limit",
      entry: "throttles",
      topic,
    });
    addAlarm(this, "Rejected", {
      metric: this.metricRejectedRatio(),
      threshold: rejectedRatio,
      evaluationPeriods: 1,
      description: "many events are at fault: read rejects/ in the data bucket for the reasons",
      entry: "rejected",
      topic,
    });
    addAlarm(this, "Conflicting", {
      metric: this.metricConflictingRatio(),
      threshold: conflictingRatio,
      evaluationPeriods: 1,
      description:
        "many outcomes contradict earlier ones of the same event: the first stands, right or wrong",
      entry: "conflicting",
      topic,
    });
    addAlarm(this, "Model", {
      metric: this.metric("ModelErrors"),
      threshold: 1,
      evaluationPeriods: 1,
      description:
        "no champion is published, or its package is damaged: batches are retried until it is mended",
      entry: "model",
      topic,
    });
    addAlarm(this, "Alias", {
      metric: this.metric("AliasErrors"),
      threshold: 1,
      evaluationPeriods: 1,
      description: "a version that the ledger names cannot serve: what served before goes on",
      entry: "alias",
      topic,
    });
    addAlarm(this, "Sketches", {
      metric: this.metric("SketchErrors"),
      threshold: 1,
      evaluationPeriods: 3,
      description: "what the model is asked and answers is not counted for minutes on end: drift goes unseen",
      entry: "sketches",
      topic,
    });
    addAlarm(this, "CacheMismatch", {
      metric: this.metric("CacheMismatch"),
      threshold: 1,
      evaluationPeriods: 1,
      description: "a shared result differs from what the model now gives: answers by the cache may be wrong",
      entry: "cachemismatch",
      topic,
    });
    addAlarm(this, "Dependencies", {
      metric: this.metric("DependencyErrors"),
      threshold: 1,
      evaluationPeriods: 3,
      description: "DynamoDB, S3 or Kinesis fail for minutes on end: batches are retried",
      entry: "dependencies",
      topic,
    });
  }
}

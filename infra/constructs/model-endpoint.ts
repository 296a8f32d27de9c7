import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { PredictEnv } from "../../functions/contract/env.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { ModelSettings } from "../config/model-settings.ts";
import { pricesPerMillion } from "../config/prices.ts";
import { addAlarm } from "./add-alarm.ts";
import type { CostTerm } from "./cost-per-thousand.ts";
import { type FunctionSize, functionCost } from "./function-cost.ts";
import { InferenceFunction, type InferenceFunctionProps } from "./inference-function.ts";
import { type ModelMetric, memoryMetric, modelMetric } from "./model-metrics.ts";
import { inferenceRoutes, outcomesRoute, type PredictionApi, type RouteMetric } from "./prediction-api.ts";
import { ShadowFunction } from "./shadow-function.ts";
import type { StateResources } from "./state-resources.ts";

export interface ModelEndpointProps extends Omit<InferenceFunctionProps, "settings" | "environment"> {
  readonly stage: StageName;
  /** The model's name. */
  readonly model: string;
  readonly settings: ModelSettings;
  readonly state: StateResources;
  readonly api: PredictionApi;
  /** Bundle of the shadow function. */
  readonly shadowCode: lambda.Code;
}

/** One model over HTTPS: its function and its shadow's, what they may touch, its routes and its alarms. */
export class ModelEndpoint extends Construct {
  readonly model: string;
  readonly function: lambda.Function;
  readonly shadow: ShadowFunction;
  readonly #stage: StageName;
  readonly #size: FunctionSize;
  readonly #api: PredictionApi;

  constructor(scope: Construct, id: string, props: ModelEndpointProps) {
    super(scope, id);
    const { stage, model, settings, state, api } = props;
    this.model = model;
    this.#stage = stage;
    this.#size = { memoryMiB: settings.predict.memoryMiB, architecture: props.architecture };
    this.#api = api;
    this.shadow = new ShadowFunction(this, "Shadow", { ...props, code: props.shadowCode });
    const environment: PredictEnv = {
      ...api.environment,
      HEADRACE_STAGE: stage,
      HEADRACE_MODEL: model,
      HEADRACE_LEDGER_TABLE: state.registry.ledger.tableName,
      HEADRACE_MODELS_BUCKET: state.registry.bucket.bucketName,
      HEADRACE_PREDICTIONS_TABLE: state.predictions.table.tableName,
      HEADRACE_CACHE_TABLE: state.cache.table.tableName,
      HEADRACE_TILES_TABLE: state.features.tiles.tableName,
      HEADRACE_SKETCHES_TABLE: state.features.sketches.tableName,
      HEADRACE_EVENTS_STREAM: state.events.streamName,
      HEADRACE_PREDICTION_DAYS: String(settings.predictionDays),
      HEADRACE_SHADOW_FUNCTION: this.shadow.function.functionName,
    };
    const inference = new InferenceFunction(this, "Inference", {
      ...props,
      settings: settings.predict,
      environment,
    });
    this.function = inference.function;
    state.registry.grantRead(inference, model);
    state.predictions.grantStore(inference, model);
    state.cache.grantUse(inference, model);
    state.features.grantReadTiles(inference, model);
    state.features.grantSketch(inference, model);
    this.shadow.grantInvokeBy(inference);
    state.events.grant(inference, "kinesis:PutRecords");
    api.addModel(model, this.function);
    this.#addAlarms(state.alarms, settings.alarms.predictLatencyMs);
  }

  /** One of the model's own metrics. @default sum over 1 minute */
  metric(name: ModelMetric, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return modelMetric({ stage: this.#stage, model: this.model }, name, options);
  }

  /** Share of its memory that the function uses, 0 to 1. @default maximum over 1 minute */
  metricMemoryRatio(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return memoryMetric({ stage: this.#stage, model: this.model, function: this.function }, options);
  }

  /** As `metricMemoryRatio`, of the shadow's function. */
  metricShadowMemoryRatio(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const of = { stage: this.#stage, model: this.model, function: this.shadow.function };
    return memoryMetric(of, options);
  }

  /** Metrics of the gateway for each route that asks the model, labelled by both. */
  metricsOfRoutes(
    names: readonly RouteMetric[],
    options: cloudwatch.MetricOptions = {},
  ): cloudwatch.Metric[] {
    return inferenceRoutes(this.model).flatMap((path) =>
      names.map((name) =>
        this.#api.metricRoute({ method: "POST", path }, name, { label: `${name} ${path}`, ...options }),
      ),
    );
  }

  /** Metrics of the gateway for the route that takes outcomes. */
  metricsOfOutcomes(
    names: readonly RouteMetric[],
    options: cloudwatch.MetricOptions = {},
  ): cloudwatch.Metric[] {
    const path = outcomesRoute(this.model);
    return names.map((name) =>
      this.#api.metricRoute({ method: "POST", path }, name, { label: name, ...options }),
    );
  }

  /** What only these functions use of what is paid by use. */
  costTerms(): CostTerm[] {
    const calls = this.metric("Requests");
    return [
      ...functionCost(this.function, this.#size),
      ...this.shadow.costTerms(),
      { units: calls, perMillion: pricesPerMillion.apiRequests },
    ];
  }

  /** Duration of the slowest call in a hundred, in ms, cold starts included. @default p99 over 1 minute */
  metricLatencyMs(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.function.metricDuration({
      statistic: cloudwatch.Stats.p(99),
      period: Duration.minutes(1),
      ...options,
    });
  }

  #addAlarms(topic: sns.ITopic, latencyMs: number): void {
    const everyMinute = { period: Duration.minutes(1) };
    addAlarm(this, "Errors", {
      metric: this.function.metricErrors(everyMinute),
      threshold: 1,
      evaluationPeriods: 1,
      description: "a call failed as a whole: a crash, a timeout or a bug",
      entry: "errors",
      topic,
    });
    addAlarm(this, "Throttles", {
      metric: this.function.metricThrottles(everyMinute),
      threshold: 1,
      evaluationPeriods: 5,
      description: "the function lacks concurrency: raise predict.reservedConcurrency or the account's limit",
      entry: "throttles",
      topic,
    });
    addAlarm(this, "Latency", {
      metric: this.metricLatencyMs(),
      threshold: latencyMs,
      evaluationPeriods: 5,
      description: "calls take too long for minutes on end",
      entry: "latency",
      topic,
    });
  }
}

import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { HighResolutionMetric } from "../../functions/contract/high-resolution.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";

/** Namespace of the metrics that the functions write into their logs (embedded metric format). */
export const metricNamespace = "Headrace";

/**
 * Counts, and durations in the unit that the name ends with, that a model's functions emit under `Stage` and `Model`:
 * those of batches by the stream function, those of requests by the predict function, the others by both.
 */
export type ModelMetric =
  | "Events"
  | "Predictions"
  | "Rejected"
  | "Skipped"
  | "Retried"
  | "DependencyErrors"
  | "ModelErrors"
  | "BatchDurationMs"
  | "ColdBatchDurationMs"
  | "Requests"
  | "RequestDurationMs"
  | "ColdRequestDurationMs"
  | "QueueMs"
  | "DecodeMs"
  | "StateMs"
  | "CacheMs"
  | "RunDurationMs"
  | "WriteMs"
  | "CacheHits"
  | "CacheMisses"
  | "CacheErrors"
  | "CacheMismatch"
  /** 1 where a chunk asks the shared cache, 0 where not. */
  | "CacheShared"
  | "RowCostUs"
  | "CacheKeyCostUs"
  /** Events that were wholly done by an earlier delivery. */
  | "Redelivered"
  /** Events too late for a view, once per view. */
  | "LateEvents"
  /** What DynamoDB charged for tiles and sketches, by both functions. */
  | "StateReadUnits"
  | "StateWriteUnits"
  /** A version that the ledger names could not be loaded, or not beside the champion. */
  | "AliasErrors"
  /** Rows that the challenger failed on, and times that an environment stopped it. */
  | HighResolutionMetric
  /** Predictions of which the challenger's answer was the one. */
  | "ChallengerAnswers"
  /** Events of the shadow's sample that it scored, and those that it did not come to. */
  | "ShadowScored"
  | "ShadowDropped"
  /** Sketches that could not be written. */
  | "SketchErrors"
  | DriftMetric
  | OutcomeFate
  | Loss;

/** Of each joined outcome: the first two where the truth is a yes or a class, the last where it is a number. */
export type Loss = "LogLoss" | "Brier" | "SquaredError";

/** What the drift function found of a model's newest window; it says so again at every run. */
export type DriftMetric =
  /** 1 while an alarm stands, else 0. */
  | "DriftAlarm"
  /** Features that drifted in the window. */
  | "DriftedFeatures"
  /** Normed Wasserstein distance of its scores from the reference's. */
  | "PredictionDrift"
  /** What accuracy the scores promise. */
  | "EstimatedLogLoss"
  | "EstimatedBrier"
  | "EstimatedAuc"
  /** Expected calibration error over the outcomes of the fortnight before. */
  | "CalibrationError";

/** What became of outcomes; each ends in one. */
export type OutcomeFate =
  | "OutcomesJoined"
  | "OutcomesEarly"
  | "OutcomesRepeated"
  | "OutcomesConflicting"
  | "OutcomesLate";

/** Counts that the archive emits under `Stage`: it serves no single model. */
export type ArchiveMetric = "ArchivedEvents" | "WithheldEvents" | "ArchiveRetried" | "ArchivedBytes";

interface ModelOfStage {
  readonly stage: StageName;
  readonly model: string;
}

/**
 * One of a model's own metrics.
 *
 * @param options.statistic - default `Sum`.
 * @param options.period - default one minute.
 */
export function modelMetric(
  of: ModelOfStage,
  metricName: ModelMetric,
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { Stage: of.stage, Model: of.model },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(1),
    ...options,
  });
}

/**
 * One of the archive's metrics.
 *
 * @param options - defaults as of `modelMetric`.
 */
export function archiveMetric(
  stage: StageName,
  metricName: ArchiveMetric,
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { Stage: stage },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(1),
    ...options,
  });
}

/**
 * What the outcomes say of the version that stands beside the champion.
 *
 * @param options - defaults as of `modelMetric`, but the average.
 */
export function rivalLossMetric(
  { stage, model }: ModelOfStage,
  loss: Loss,
  { role, ...options }: cloudwatch.MetricOptions & { readonly role: "challenger" | "shadow" },
): cloudwatch.Metric {
  return modelMetric({ stage, model }, loss, {
    statistic: cloudwatch.Stats.AVERAGE,
    dimensionsMap: { Stage: stage, Model: model, Role: role },
    ...options,
  });
}

/**
 * Share of its memory that the function's process uses, 0 to 1, in whichever environment uses most.
 *
 * @param options - defaults as of `modelMetric`, but the maximum.
 */
export function memoryMetric(
  of: ModelOfStage & { readonly function: lambda.IFunction },
  options: cloudwatch.MetricOptions = {},
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metricNamespace,
    metricName: "MemoryUsedRatio",
    dimensionsMap: { Stage: of.stage, Model: of.model, Function: of.function.functionName },
    statistic: cloudwatch.Stats.MAXIMUM,
    period: Duration.minutes(1),
    ...options,
  });
}

/** Rejected events by their codes, one line each: which codes come is known only when they do. Sum over one minute. */
export function rejectedByReason({ stage, model }: ModelOfStage): cloudwatch.MathExpression {
  const filter = `MetricName="RejectedByReason" Stage="${stage}" Model="${model}"`;
  return new cloudwatch.MathExpression({
    expression: `SEARCH('{${metricNamespace},Model,Reason,Stage} ${filter}', 'Sum', 60)`,
    usingMetrics: {},
    label: "",
    period: Duration.minutes(1),
  });
}

import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
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
  | "CacheKeyCostUs";

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

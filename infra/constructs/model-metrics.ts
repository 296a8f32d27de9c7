import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type { StageName } from "../../functions/contract/stack-outputs.ts";

/** Namespace of the metrics that the functions write into their logs (embedded metric format). */
export const metricNamespace = "Headrace";

/** Counts, and durations in milliseconds, that a stream function emits under `Stage` and `Model`. */
export type ModelMetric =
  | "Events"
  | "Predictions"
  | "Rejected"
  | "Skipped"
  | "Retried"
  | "DependencyErrors"
  | "ModelErrors"
  | "BatchDurationMs"
  | "RunDurationMs";

/**
 * One of a model's own metrics.
 *
 * @param options.statistic - default `Sum`.
 * @param options.period - default one minute.
 */
export function modelMetric(
  of: { readonly stage: StageName; readonly model: string },
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

import { AwsError } from "../aws-error.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { GetMetricStatisticsInput } from "./inputs.ts";
import { readPeriods, statisticOf } from "./periods.ts";

export function getMetricStatistics(input: GetMetricStatisticsInput, metrics: MetricStore): object {
  const { Statistics, ExtendedStatistics } = input;
  if (Statistics.length + ExtendedStatistics.length === 0) {
    throw new AwsError("InvalidParameterCombination", "got neither Statistics nor ExtendedStatistics");
  }
  const periods = readPeriods(metrics, {
    namespace: input.Namespace,
    metric: input.MetricName,
    dimensions: input.Dimensions,
    fromMs: input.StartTime,
    untilMs: input.EndTime,
    periodSeconds: input.Period,
  });
  const pick = (names: readonly string[], period: (typeof periods)[number]) =>
    Object.fromEntries(names.map((name) => [name, statisticOf(period, name)]));
  return {
    Label: input.MetricName,
    Datapoints: periods.map((period) => ({
      Timestamp: period.startMs / 1000,
      ...pick(Statistics, period),
      ...(ExtendedStatistics.length > 0 && { ExtendedStatistics: pick(ExtendedStatistics, period) }),
    })),
  };
}

import { AwsError } from "../aws-error.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { GetMetricDataInput } from "./inputs.ts";
import { readPeriods, statisticOf } from "./periods.ts";

/** One answer for all queries: there is never a next page. */
export function getMetricData(input: GetMetricDataInput, metrics: MetricStore): object {
  const { StartTime, EndTime, MetricDataQueries: queries } = input;
  if (StartTime >= EndTime) {
    throw new AwsError("InvalidParameterValueException", "StartTime: expected a time before EndTime");
  }
  const ids = queries.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length) {
    throw new AwsError("InvalidParameterValueException", "MetricDataQueries: expected each Id once");
  }
  const results = queries
    .filter(({ ReturnData }) => ReturnData)
    .map((query) => answer(query, input, metrics));
  return { MetricDataResults: results, Messages: [] };
}

function answer(
  { Id, MetricStat, Label }: GetMetricDataInput["MetricDataQueries"][number],
  { StartTime, EndTime, ScanBy }: GetMetricDataInput,
  metrics: MetricStore,
): object {
  if (MetricStat === undefined) {
    throw new AwsError("InvalidParameterValueException", `query ${Id}: got no MetricStat`);
  }
  const { Metric, Period, Stat } = MetricStat;
  const ascending = readPeriods(metrics, {
    namespace: Metric.Namespace,
    metric: Metric.MetricName,
    dimensions: Metric.Dimensions,
    fromMs: StartTime,
    untilMs: EndTime,
    periodSeconds: Period,
  });
  const periods = ScanBy === "TimestampAscending" ? ascending : ascending.toReversed();
  return {
    Id,
    Label: Label ?? Metric.MetricName,
    Timestamps: periods.map(({ startMs }) => startMs / 1000),
    Values: periods.map((each) => statisticOf(each, Stat)),
    StatusCode: "Complete",
  };
}

import type { MetricStore } from "../metrics/metric-store.ts";
import type { ListMetricsInput } from "./inputs.ts";

const pageSize = 500;

export function listMetrics(input: ListMetricsInput, metrics: MetricStore): object {
  const matching = metrics.list().filter(
    ({ namespace, metric, dimensions }) =>
      (input.Namespace ?? namespace) === namespace &&
      (input.MetricName ?? metric) === metric &&
      input.Dimensions.every(({ Name, Value }) => {
        const has = dimensions[Name];
        return has !== undefined && (Value ?? has) === has;
      }),
  );
  const from = Number(input.NextToken ?? 0);
  const until = from + pageSize;
  return {
    Metrics: matching.slice(from, until).map(({ namespace, metric, dimensions }) => ({
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(until < matching.length && { NextToken: String(until) }),
  };
}

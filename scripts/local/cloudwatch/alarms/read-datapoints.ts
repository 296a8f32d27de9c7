import type { MetricStore } from "../../metrics/metric-store.ts";
import { statisticOf } from "../periods.ts";
import type { AlarmMetric } from "./alarm-definition.ts";

/** Where the periods of an alarm end, and how many of them are read. */
export interface DatapointRange {
  /** Exclusive. */
  readonly untilMs: number;
  readonly count: number;
}

/** The newest periods of one metric, the oldest first; undefined for a period without a value. */
export function readDatapoints(
  metrics: MetricStore,
  { namespace, metric, dimensions, period, statistic }: AlarmMetric,
  { untilMs, count }: DatapointRange,
): readonly (number | undefined)[] {
  const periodMs = period * 1000;
  const fromMs = untilMs - count * periodMs;
  const samples = metrics.samples({ namespace, metric, dimensions, fromMs, untilMs });
  const periods = Map.groupBy(samples, ({ timestampMs }) => Math.floor((timestampMs - fromMs) / periodMs));
  return Array.from({ length: count }, (_, index) => {
    const values = periods
      .get(index)
      ?.map(({ value }) => value)
      .sort((a, b) => a - b);
    const startMs = fromMs + index * periodMs;
    return values === undefined ? undefined : statisticOf({ startMs, values }, statistic);
  });
}

import type { MetricFilter, MetricSample, MetricStore } from "../metrics/metric-store.ts";

/** What a metric measured in one period. */
export interface MetricPeriod {
  readonly startMs: number;
  /** Ascending, never empty. */
  readonly values: readonly number[];
}

export interface PeriodQuery extends Pick<MetricFilter, "namespace" | "metric"> {
  /** A series is found by all its dimensions or not at all. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Rounded down to the minute; the first period begins there. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  readonly periodSeconds: number;
}

/** Cut a metric into periods, the oldest first; those without values are left out, as CloudWatch does. */
export function readPeriods(metrics: MetricStore, query: PeriodQuery): readonly MetricPeriod[] {
  const { periodSeconds, ...filter } = query;
  const fromMs = Math.floor(query.fromMs / minuteMs) * minuteMs;
  const periodMs = periodSeconds * 1000;
  const startOf = ({ timestampMs }: MetricSample) =>
    fromMs + Math.floor((timestampMs - fromMs) / periodMs) * periodMs;
  const periods = Map.groupBy(metrics.samples({ ...filter, fromMs }), startOf);
  return [...periods]
    .sort(([a], [b]) => a - b)
    .map(([startMs, samples]) => ({
      startMs,
      values: samples.map(({ value }) => value).sort((a, b) => a - b),
    }));
}

/** @param statistic - as {@link getMetricDataInput} allows it; percentiles are nearest-rank. */
export function statisticOf({ values }: MetricPeriod, statistic: string): number {
  const sum = () => values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "SampleCount":
      return values.length;
    case "Sum":
      return sum();
    case "Average":
      return sum() / values.length;
    case "Minimum":
      return values[0]!;
    case "Maximum":
      return values.at(-1)!;
    default: {
      const ratio = Number(statistic.slice(1)) / 100;
      return values[Math.max(0, Math.ceil(ratio * values.length - 1e-9) - 1)]!;
    }
  }
}

const minuteMs = 60_000;

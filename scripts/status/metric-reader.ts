import {
  type CloudWatchClient,
  paginateGetMetricData,
  paginateListMetrics,
} from "@aws-sdk/client-cloudwatch";

/** One series and how to sum it up over the window. */
export interface MetricQuery {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Sum" | "Average" | "Maximum" | "SampleCount" | "p50" | "p99";
}

/** Reads what was measured in one window. */
export interface MetricReader {
  readonly from: Date;
  readonly until: Date;
  /** @returns one number per query, under its key; undefined where nothing was measured. */
  read<Key extends string>(
    queries: Readonly<Record<Key, MetricQuery>>,
  ): Promise<Readonly<Record<Key, number | undefined>>>;
  /** Values that a dimension has taken in a metric, of the series with the other dimensions given. */
  valuesOf(
    series: Pick<MetricQuery, "namespace" | "metric" | "dimensions">,
    dimension: string,
  ): Promise<readonly string[]>;
}

/** CloudWatch's limit on one call. */
const queriesPerCall = 500;
const minuteMs = 60_000;

/** @param window - `nowMs`: its end, rounded up to the minute, which counts too although it is not over. */
export function createMetricReader(
  client: CloudWatchClient,
  { nowMs, minutes }: { readonly nowMs: number; readonly minutes: number },
): MetricReader {
  const until = new Date(Math.ceil(nowMs / minuteMs + 1e-9) * minuteMs);
  const from = new Date(until.getTime() - minutes * minuteMs);
  return { from, until, read, valuesOf };

  async function read<Key extends string>(queries: Readonly<Record<Key, MetricQuery>>) {
    const keys = Object.keys(queries) as Key[];
    const values = new Map<Key, number | undefined>();
    for (let start = 0; start < keys.length; start += queriesPerCall) {
      const some = keys.slice(start, start + queriesPerCall);
      const found = await readSome(some.map((key) => queries[key]));
      some.forEach((key, i) => {
        values.set(key, found[i]);
      });
    }
    return Object.fromEntries(values) as Record<Key, number | undefined>;
  }

  /** The window is one period. Where CloudWatch cuts it at its own bounds, two periods are put together. */
  async function readSome(queries: readonly MetricQuery[]): Promise<readonly (number | undefined)[]> {
    const found = queries.map((): number[] => []);
    const pages = paginateGetMetricData(
      { client },
      {
        StartTime: from,
        EndTime: until,
        MetricDataQueries: queries.map(({ namespace, metric, dimensions, statistic }, i) => ({
          Id: `q${i}`,
          MetricStat: {
            Metric: {
              Namespace: namespace,
              MetricName: metric,
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: minutes * 60,
            Stat: statistic,
          },
        })),
      },
    );
    for await (const { MetricDataResults = [] } of pages)
      for (const { Id = "", Values = [] } of MetricDataResults) found[Number(Id.slice(1))]?.push(...Values);
    return queries.map(({ statistic }, i) => together(found[i]!, statistic));
  }

  async function valuesOf(
    { namespace, metric, dimensions }: Pick<MetricQuery, "namespace" | "metric" | "dimensions">,
    dimension: string,
  ): Promise<readonly string[]> {
    const values = new Set<string>();
    const Dimensions = [
      ...Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      { Name: dimension },
    ];
    const pages = paginateListMetrics({ client }, { Namespace: namespace, MetricName: metric, Dimensions });
    for await (const { Metrics = [] } of pages)
      for (const each of Metrics) {
        const value = each.Dimensions?.find(({ Name }) => Name === dimension)?.Value;
        if (value !== undefined) values.add(value);
      }
    return [...values].sort();
  }
}

/** Sums add up; of two percentiles or means the greater one is shown, never one that hides the other. */
function together(values: readonly number[], statistic: MetricQuery["statistic"]): number | undefined {
  if (values.length === 0) return undefined;
  const adds = statistic === "Sum" || statistic === "SampleCount";
  return adds ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
}

/** Values of one metric at one moment, as CloudWatch would take them. */
export interface Datapoint {
  readonly namespace: string;
  readonly metric: string;
  /** CloudWatch's name of the unit, e.g. `Milliseconds`, `Count`, `None`. */
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestampMs: number;
}

export interface MetricFilter {
  readonly namespace: string;
  readonly metric: string;
  /** The one series with exactly these dimensions, as in CloudWatch; every series of the metric when absent. */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** Inclusive. */
  readonly fromMs?: number;
  /** Exclusive. */
  readonly untilMs?: number;
}

/** One series, by what names it. */
export type MetricName = Pick<Datapoint, "namespace" | "metric" | "dimensions">;

/** One value of a series. */
export interface MetricSample {
  readonly value: number;
  readonly timestampMs: number;
}

/**
 * Metrics in memory, bounded: the newest values of each series, of the series written to last.
 *
 * `sum` and `count` without a time range are exact over everything ever put into the series kept; a time range,
 * `percentile` and `last` see the newest `valuesPerSeries` values.
 */
export class MetricStore {
  readonly #valuesPerSeries: number;
  readonly #maxSeries: number;
  readonly #series = new Map<string, Series>();

  /** @param limits - `valuesPerSeries` 100,000 and `maxSeries` 1,000 by default. */
  constructor(limits: { readonly valuesPerSeries?: number; readonly maxSeries?: number } = {}) {
    this.#valuesPerSeries = limits.valuesPerSeries ?? 100_000;
    this.#maxSeries = limits.maxSeries ?? 1_000;
  }

  put(datapoint: Datapoint): void {
    const key = seriesKey(datapoint);
    const series = this.#series.get(key) ?? newSeries(datapoint);
    // Re-inserted, so that the map's order is the order of the last write.
    this.#series.delete(key);
    this.#series.set(key, series);
    for (const value of datapoint.values) {
      series.sum += value;
      series.count += 1;
      series.samples.push({ value, timestampMs: datapoint.timestampMs });
    }
    // Twice the bound before trimming keeps a put O(1) on average.
    if (series.samples.length > 2 * this.#valuesPerSeries)
      series.samples = series.samples.slice(-this.#valuesPerSeries);
    if (this.#series.size > this.#maxSeries) this.#dropOldestSeries();
  }

  sum(filter: MetricFilter): number {
    if (!hasTimeRange(filter)) return total(this.#matching(filter).map(({ sum }) => sum));
    return total(this.samples(filter).map(({ value }) => value));
  }

  count(filter: MetricFilter): number {
    if (!hasTimeRange(filter)) return total(this.#matching(filter).map(({ count }) => count));
    return this.samples(filter).length;
  }

  /**
   * @param ratio - from 0 to 1, e.g. 0.99.
   * @returns the nearest-rank percentile, or `undefined` when nothing matches.
   */
  percentile(filter: MetricFilter, ratio: number): number | undefined {
    if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`percentile: got ratio ${ratio}, expected 0 to 1`);
    const values = this.samples(filter).map(({ value }) => value);
    values.sort((a, b) => a - b);
    return values[Math.max(0, Math.ceil(ratio * values.length) - 1)];
  }

  /** The value with the newest timestamp; of equal ones the one put last. */
  last(filter: MetricFilter): number | undefined {
    let newest: MetricSample | undefined;
    for (const sample of this.samples(filter)) {
      if (newest === undefined || sample.timestampMs >= newest.timestampMs) newest = sample;
    }
    return newest?.value;
  }

  /** The series kept, each by its name, the one written to longest ago first. */
  list(): readonly MetricName[] {
    return [...this.#series.values()].map(({ namespace, metric, dimensions }) => ({
      namespace,
      metric,
      dimensions,
    }));
  }

  /** The values kept that match, each series' in the order they were put. */
  samples({ fromMs = -Infinity, untilMs = Infinity, ...filter }: MetricFilter): MetricSample[] {
    return this.#matching(filter)
      .flatMap(({ samples }) => samples.slice(-this.#valuesPerSeries))
      .filter(({ timestampMs }) => timestampMs >= fromMs && timestampMs < untilMs);
  }

  #matching(filter: MetricFilter): Series[] {
    const { namespace, metric, dimensions } = filter;
    if (dimensions !== undefined) {
      const series = this.#series.get(seriesKey({ namespace, metric, dimensions }));
      return series === undefined ? [] : [series];
    }
    return [...this.#series.values()].filter(
      (series) => series.namespace === namespace && series.metric === metric,
    );
  }

  #dropOldestSeries(): void {
    const [oldest] = this.#series.keys();
    if (oldest !== undefined) this.#series.delete(oldest);
  }
}

interface Series extends MetricName {
  samples: MetricSample[];
  sum: number;
  count: number;
}

function newSeries({ namespace, metric, dimensions }: Datapoint): Series {
  return { namespace, metric, dimensions, samples: [], sum: 0, count: 0 };
}

function seriesKey({ namespace, metric, dimensions }: MetricName): string {
  const pairs = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, metric, pairs]);
}

function hasTimeRange({ fromMs, untilMs }: MetricFilter): boolean {
  return fromMs !== undefined || untilMs !== undefined;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

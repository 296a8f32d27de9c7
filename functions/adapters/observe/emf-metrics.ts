import type { Metrics, MetricUnit } from "../../core/observe/metrics.ts";

export interface EmfMetricsOptions {
  /** Dimensions of every metric, e.g. `{ Stage: "dev", Model: "flight-delay" }`; at most 30 with the added ones. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** @default "Headrace" */
  readonly namespace?: string;
  /** Names of the metrics that are kept by the second; the others are by the minute. @default none */
  readonly highResolution?: readonly string[];
  /** Takes one line, its end included. @default process.stdout */
  readonly write?: (line: string) => unknown;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

interface Gathered {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly metrics: Map<string, { readonly unit: MetricUnit; readonly values: number[] }>;
}

const maxValuesPerLine = 100;
const maxMetricsPerLine = 100;

/**
 * Metrics as CloudWatch's embedded metric format: log lines that become metrics without a call.
 *
 * Counts of one invocation are summed; of other units each value is kept, so that percentiles are true. Values
 * that are not finite are left out: the format has no word for them.
 *
 * @see CloudWatch user guide, "Specification: Embedded metric format"
 */
export class EmfMetrics implements Metrics {
  readonly #options: Required<EmfMetricsOptions>;
  readonly #sets = new Map<string, Gathered>();

  constructor(options: EmfMetricsOptions) {
    this.#options = {
      namespace: "Headrace",
      highResolution: [],
      write: (line) => process.stdout.write(line),
      now: Date.now,
      ...options,
    };
  }

  add(
    name: string,
    value: number,
    unit: MetricUnit,
    dimensions: Readonly<Record<string, string>> = {},
  ): void {
    if (!Number.isFinite(value)) return;
    const metrics = this.#setOf(dimensions).metrics;
    const metric = metrics.get(name);
    if (metric === undefined) metrics.set(name, { unit, values: [value] });
    else if (unit === "Count") metric.values[0] = metric.values[0]! + value;
    else metric.values.push(value);
  }

  flush(): void {
    const timestamp = this.#options.now();
    for (const set of this.#sets.values()) {
      let rest = [...set.metrics].map(([name, { unit, values }]) => ({ name, unit, values }));
      while (rest.length > 0) {
        const line = rest.slice(0, maxMetricsPerLine);
        this.#options.write(`${JSON.stringify(this.#document(set.dimensions, line, timestamp))}\n`);
        rest = [
          ...line
            .filter((each) => each.values.length > maxValuesPerLine)
            .map((each) => ({ ...each, values: each.values.slice(maxValuesPerLine) })),
          ...rest.slice(maxMetricsPerLine),
        ];
      }
    }
    this.#sets.clear();
  }

  #setOf(dimensions: Readonly<Record<string, string>>): Gathered {
    const all = { ...this.#options.dimensions, ...dimensions };
    const key = JSON.stringify(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = { dimensions: all, metrics: new Map() };
      this.#sets.set(key, set);
    }
    return set;
  }

  #document(
    dimensions: Readonly<Record<string, string>>,
    metrics: readonly { name: string; unit: MetricUnit; values: readonly number[] }[],
    timestamp: number,
  ) {
    const { namespace, highResolution } = this.#options;
    return {
      _aws: {
        Timestamp: timestamp,
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [Object.keys(dimensions)],
            Metrics: metrics.map(({ name, unit }) => ({
              Name: name,
              Unit: unit,
              ...(highResolution.includes(name) ? { StorageResolution: 1 } : {}),
            })),
          },
        ],
      },
      ...dimensions,
      ...Object.fromEntries(
        metrics.map(({ name, values }) => [
          name,
          values.length === 1 ? values[0] : values.slice(0, maxValuesPerLine),
        ]),
      ),
    };
  }
}

import type { Metrics, MetricUnit } from "../../core/observe/metrics.ts";

export interface RecordedMetric {
  readonly name: string;
  readonly value: number;
  readonly unit: MetricUnit;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Metrics in a list. */
export class MemoryMetrics implements Metrics {
  readonly recorded: RecordedMetric[] = [];
  flushCount = 0;

  add(
    name: string,
    value: number,
    unit: MetricUnit,
    dimensions: Readonly<Record<string, string>> = {},
  ): void {
    this.recorded.push({ name, value, unit, dimensions });
  }

  flush(): void {
    this.flushCount++;
  }

  /** Sum of a metric over everything recorded whose dimensions include the given ones; 0 where there is nothing. */
  sum(name: string, dimensions: Readonly<Record<string, string>> = {}): number {
    return this.recorded
      .filter((each) => each.name === name)
      .filter((each) => Object.entries(dimensions).every(([key, value]) => each.dimensions[key] === value))
      .reduce((total, each) => total + each.value, 0);
  }
}

export type MetricUnit = "Count" | "Milliseconds" | "Microseconds" | "Bytes" | "None";

/** Numbers about the running system. Dimensions (stage, model) are fixed when the sink is made. */
export interface Metrics {
  /** Add to a metric of this invocation. */
  add(name: string, value: number, unit: MetricUnit, dimensions?: Readonly<Record<string, string>>): void;
  /** Write out what this invocation gathered. */
  flush(): void;
}

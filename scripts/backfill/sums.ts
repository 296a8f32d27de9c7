import type { Metrics } from "../../functions/core/observe/metrics.ts";

/** Metrics as one sum each, however many are added. */
export interface Sums extends Metrics {
  /** 0 for one that nothing was added to. */
  of(name: string): number;
  /** Of a metric with one dimension: its sums by the value of that. */
  by(name: string): Readonly<Record<string, number>>;
}

export function createSums(): Sums {
  const totals = new Map<string, number>();
  const parts = new Map<string, Record<string, number>>();
  return {
    add(name, value, _unit, dimensions) {
      totals.set(name, (totals.get(name) ?? 0) + value);
      if (dimensions === undefined) return;
      const key = Object.values(dimensions).join(" ");
      const part = parts.get(name) ?? {};
      part[key] = (part[key] ?? 0) + value;
      parts.set(name, part);
    },
    flush() {},
    of: (name) => totals.get(name) ?? 0,
    by: (name) => parts.get(name) ?? {},
  };
}

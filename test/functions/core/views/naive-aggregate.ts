import type { Aggregate } from "../../../../functions/contract/view.ts";
import type { Observation } from "../../../../functions/core/views/tile.ts";

/** An aggregate by its definition, over every event anew; NaN over none. Of values at one time the last given is the last. */
export function naiveAggregate(seen: readonly Observation[], agg: Aggregate, timeMs: number): number {
  if (seen.length === 0) return Number.NaN;
  const values = seen.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  const mean = sum / seen.length;
  const newest = Math.max(...seen.map((each) => each.timeMs));
  switch (agg) {
    case "count":
      return seen.length;
    case "sum":
      return sum;
    case "mean":
      return mean;
    case "min":
      return Math.min(...values);
    case "max":
      return Math.max(...values);
    case "std":
      return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / seen.length);
    case "rate":
      return seen.filter(({ hit }) => hit).length / seen.length;
    case "last":
      return seen.findLast((each) => each.timeMs === newest)!.value;
    case "secondsSinceLast":
      return Math.max(0, (timeMs - newest) / 1000);
  }
}

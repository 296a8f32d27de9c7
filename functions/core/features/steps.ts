import type { Transform } from "../../contract/feature.ts";

/** One arithmetic step of a transform; NaN where the value is outside its domain. */
export type Step = (value: number) => number;

/** The arithmetic step a transform stands for, or undefined where it reads rather than computes. */
export function stepOf(transform: Transform): Step | undefined {
  if (typeof transform === "string") return undefined;
  if ("clip" in transform) return clip(transform.clip.min ?? -Infinity, transform.clip.max ?? Infinity);
  if ("scale" in transform) return scale(transform.scale.min, transform.scale.max);
  if ("standardise" in transform) return standardise(transform.standardise.mean, transform.standardise.std);
  if ("log" in transform) return log(transform.log.plus);
  if ("bucket" in transform) return bucket(transform.bucket);
  return undefined;
}

function clip(min: number, max: number): Step {
  return (value) => Math.min(Math.max(value, min), max);
}

function scale(min: number, max: number): Step {
  return (value) => (value - min) / (max - min);
}

function standardise(mean: number, std: number): Step {
  return (value) => (value - mean) / std;
}

function log(plus: number): Step {
  return (value) => (value + plus > 0 ? Math.log(value + plus) : Number.NaN);
}

/** How many edges the value has reached, by binary search. */
function bucket(edges: readonly number[]): Step {
  return (value) => {
    if (Number.isNaN(value)) return value;
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (edges[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

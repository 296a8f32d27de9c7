import { coarsened, type Histogram } from "../histogram.ts";
import type { FeatureSketch } from "../sketch.ts";

/** What a whole holds without one of the parts it was merged of. */
export function withoutPart(whole: FeatureSketch, part: FeatureSketch): FeatureSketch {
  return {
    kind: whole.kind,
    histogram: subtracted(whole.histogram, part.histogram),
    missing:
      whole.missing === undefined || part.missing === undefined ? undefined : whole.missing - part.missing,
    invalid: whole.invalid - part.invalid,
  };
}

/** A whole is as coarse as its coarsest part. */
function subtracted(whole: Histogram, part: Histogram): Histogram {
  const { keys, counts } = coarsened(part, whole.level);
  const taken = new Map(keys.map((key, i) => [key, counts[i]!]));
  const left = whole.keys
    .map((key, i) => [key, whole.counts[i]! - (taken.get(key) ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return { level: whole.level, keys: left.map(([key]) => key), counts: left.map(([, count]) => count) };
}

import type { ModelPackage } from "../../../contract/model-package.ts";
import type { Histogram } from "../histogram.ts";
import { type FeatureSketch, mergeSketches, type Sketch } from "../sketch.ts";
import { comparedFeatures } from "./compared-features.ts";
import { type Measured, type StatisticName, usualThresholds } from "./drift-statistics.ts";
import { measureFeature } from "./measure-feature.ts";
import { falseWindowRate, leastReferenceWindows, variationLimit } from "./own-variation.ts";
import { withoutPart } from "./without-part.ts";

/** What a version was trained on, as windows are compared with it. */
export interface DriftReference {
  readonly sketch: Sketch;
  /** What its own windows held: they tell what a window may vary by. */
  readonly windows: readonly { readonly sketch: Sketch }[];
}

/** What a window of a version is compared with; costs some measurements per reference window, and is the same for all. */
export interface DriftProfile {
  readonly features: readonly ComparedValue[];
  /** One of a scored number, one per element of a scored list. */
  readonly scores: readonly ComparedValue[];
  /** Windows of the reference that the thresholds stand on; 0 where they are too few, and the usual ones stand alone. */
  readonly windowCount: number;
}

export interface ComparedValue {
  readonly name: string;
  /** Its place in sketches. */
  readonly index: number;
  readonly reference: FeatureSketch;
  /** By statistic; those that have none are shown, and decide nothing. */
  readonly thresholds: Measured;
}

export function profileOf(
  reference: DriftReference,
  pkg: Pick<ModelPackage, "features" | "drift">,
): DriftProfile {
  const windows = reference.windows
    .map(({ sketch }) => sketch)
    .filter(({ rows }) => rows >= pkg.drift.minSamples);
  const varies = windows.length >= leastReferenceWindows;
  const whole = varies ? mergeSketches(windows) : reference.sketch;
  const compared = comparedFeatures(pkg).flatMap(({ name, index }) => {
    const own = whole.features[index];
    return own === undefined
      ? []
      : [{ name, index, own, parts: windows.map(({ features }) => features[index]) }];
  });
  const scored = whole.scores.map((own, index) => ({
    name: scoreName(index, whole.scores.length),
    index,
    own: asFeature(own),
    parts: windows.map(({ scores }) => scores[index] && asFeature(scores[index])),
  }));
  return {
    features: profiled(compared, { varies, fixed: pkg.drift.threshold }),
    scores: profiled(scored, { varies, fixed: pkg.drift.threshold }),
    windowCount: varies ? windows.length : 0,
  };
}

interface Whole {
  readonly name: string;
  readonly index: number;
  readonly own: FeatureSketch;
  /** What each window of the reference held of it. */
  readonly parts: readonly (FeatureSketch | undefined)[];
}

/** All features, or all scores: half of the false windows are theirs, evenly over what is compared of them. */
function profiled(
  wholes: readonly Whole[],
  { varies, fixed }: { readonly varies: boolean; readonly fixed: number | undefined },
): ComparedValue[] {
  const variations = wholes.map(({ own, parts }) =>
    varies ? variationOf(own, parts) : new Map<StatisticName, number[]>(),
  );
  const comparisons = variations.reduce((sum, { size }) => sum + size, 0);
  const tail = falseWindowRate / 2 / comparisons;
  return wholes.map(({ name, index, own }, i) => ({
    ...{ name, index, reference: own },
    thresholds: thresholdsOf(variations[i]!, { fixed, tail }),
  }));
}

/** What a score is compared as. */
export function asFeature(histogram: Histogram): FeatureSketch {
  return { kind: "number", histogram, missing: undefined, invalid: 0 };
}

function scoreName(index: number, count: number): string {
  return count === 1 ? "score" : `score[${index}]`;
}

/** What each window of the reference measures against the rest, by the statistics that decide. */
function variationOf(
  whole: FeatureSketch,
  parts: readonly (FeatureSketch | undefined)[],
): Map<StatisticName, number[]> {
  const found = new Map<StatisticName, number[]>();
  for (const part of parts) {
    if (part === undefined) continue;
    const measured = measureFeature(withoutPart(whole, part), part);
    for (const statistic of Object.keys(usualThresholds) as StatisticName[]) {
      const value = measured[statistic];
      if (value === undefined) continue;
      const values = found.get(statistic) ?? [];
      found.set(statistic, values);
      values.push(value);
    }
  }
  return found;
}

function thresholdsOf(
  variation: ReadonlyMap<StatisticName, readonly number[]>,
  { fixed, tail }: { readonly fixed: number | undefined; readonly tail: number },
): Measured {
  return Object.fromEntries(
    Object.entries(usualThresholds).map(([statistic, usual]) => {
      const values = variation.get(statistic as StatisticName) ?? [];
      const limit = values.length < leastReferenceWindows ? 0 : variationLimit(values, tail);
      return [statistic, fixed ?? Math.max(usual, limit)];
    }),
  );
}

import { type Histogram, mergeHistograms } from "./histogram.ts";

/**
 * What a version of a model was asked and what it said, as counts that merge.
 *
 * Plain data, by position: features stand in the order of the package, of which the first `maxFeatures` are watched.
 */
export interface Sketch {
  /** Rows that the model was run on, failed ones included. */
  readonly rows: number;
  /** Rows that the model failed on: their features are counted, a score they have not. */
  readonly failed: number;
  /** What the runs took in all, milliseconds. */
  readonly runMs: number;
  /** One per watched feature, in the package's order. */
  readonly features: readonly FeatureSketch[];
  /** One of a scored number; of a list one per element, up to `maxScores`; none where nothing was scored. */
  readonly scores: readonly Histogram[];
}

/** Numbers are told apart by how far they lie from each other, categories only by whether they are the same. */
export type FeatureKind = "number" | "category";

export interface FeatureSketch {
  readonly kind: FeatureKind;
  /** What the model got, values that a default stood in for included. Of a category, keys are its codes. */
  readonly histogram: Histogram;
  /** Values for which a default stood in; undefined where nothing says so, as in examples. */
  readonly missing: number | undefined;
  /** Values that were no finite number: in no bucket. */
  readonly invalid: number;
}

/** Features of a package beyond these are not watched: an item must hold them. */
export const maxFeatures = 1000;
/** Elements of a scored list beyond these are not watched. */
export const maxScores = 20;

/** The sketch of no rows. */
export const emptySketch: Sketch = { rows: 0, failed: 0, runMs: 0, features: [], scores: [] };

/** What some sketches of one version hold together. */
export function mergeSketches(sketches: readonly Sketch[]): Sketch {
  return sketches.reduce(mergeTwo, emptySketch);
}

function mergeTwo(a: Sketch, b: Sketch): Sketch {
  return {
    rows: a.rows + b.rows,
    failed: a.failed + b.failed,
    runMs: a.runMs + b.runMs,
    features: zip(a.features, b.features, mergeFeatures),
    scores: zip(a.scores, b.scores, mergeHistograms),
  };
}

function mergeFeatures(a: FeatureSketch, b: FeatureSketch): FeatureSketch {
  return {
    kind: a.kind,
    histogram: mergeHistograms(a.histogram, b.histogram),
    missing: a.missing === undefined || b.missing === undefined ? undefined : a.missing + b.missing,
    invalid: a.invalid + b.invalid,
  };
}

/** Where one list ends, the other's elements stand as they are. */
function zip<Element>(
  a: readonly Element[],
  b: readonly Element[],
  merge: (a: Element, b: Element) => Element,
): Element[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const [x, y] = [a[i], b[i]];
    if (x === undefined) return y!;
    return y === undefined ? x : merge(x, y);
  });
}

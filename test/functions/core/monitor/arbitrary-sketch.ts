import fc from "fast-check";
import { type Histogram, histogramOf, keyOf } from "../../../../functions/core/monitor/histogram.ts";
import type { FeatureSketch, Sketch } from "../../../../functions/core/monitor/sketch.ts";

const count = fc.integer({ min: 1, max: 100_000 });
const value = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -20, max: 20 }));

export const numbers: fc.Arbitrary<Histogram> = fc
  .array(fc.tuple(value.map(keyOf), count), { maxLength: 30 })
  .map((all) => histogramOf(new Map(all)));

const categories: fc.Arbitrary<Histogram> = fc
  .array(fc.tuple(fc.nat(300), count), { maxLength: 30 })
  .map((all) => histogramOf(new Map(all)));

function feature(kind: FeatureSketch["kind"], isMissingKnown: boolean): fc.Arbitrary<FeatureSketch> {
  return fc.record({
    kind: fc.constant(kind),
    histogram: kind === "number" ? numbers : categories,
    missing: isMissingKnown ? fc.nat(1000) : fc.constant(undefined),
    invalid: fc.nat(3),
  });
}

/** Sketches of one version. */
export const sketch: fc.Arbitrary<Sketch> = fc.record({
  rows: fc.integer({ min: 1000, max: 1_000_000 }),
  failed: fc.nat(1000),
  // Sums of quarters are exact in any order.
  runMs: fc.nat(1_000_000).map((quarters) => quarters / 4),
  features: fc.tuple(feature("number", true), feature("category", true), feature("number", false)),
  scores: fc.tuple(numbers),
});

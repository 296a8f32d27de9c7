import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { ModelDigest } from "../../../../../functions/contract/ids.ts";
import { modelPackage } from "../../../../../functions/contract/model-package.ts";
import { decideWindow } from "../../../../../functions/core/monitor/drift/decide-window.ts";
import { type DriftProfile, profileOf } from "../../../../../functions/core/monitor/drift/drift-profile.ts";
import type { DriftReport } from "../../../../../functions/core/monitor/drift/drift-report.ts";
import { type Histogram, histogramOf } from "../../../../../functions/core/monitor/histogram.ts";
import { mergeSketches, type Sketch } from "../../../../../functions/core/monitor/sketch.ts";
import { decodeSketch } from "../../../../../functions/core/monitor/sketch-codec.ts";
import {
  type AccuracyPartial,
  decodeAccuracy,
} from "../../../../../functions/core/outcome/accuracy/accuracy-partial.ts";

export const flightDelay = modelPackage.parse(
  JSON.parse(readFileSync(new URL("../../../../../models/flight-delay/model.json", import.meta.url), "utf8")),
);

export interface FlightDay {
  /** `yyyy-mm-dd`. */
  readonly day: string;
  readonly sketch: Sketch;
  readonly accuracy: AccuracyPartial;
}

/** What the flagship was asked and said on each day from 2001-01-01 to 2001-03-31. @see test/fixtures/drift/make-flight-days.ts */
export function readFlightDays(): FlightDay[] {
  const file = new URL("../../../../fixtures/drift/flight-days.ndjson.gz", import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString().trim().split("\n");
  return lines.map((line) => {
    const { day, sketch, accuracy }: { day: string; sketch: string; accuracy: string } = JSON.parse(line);
    const bytes = (base64: string) => Buffer.from(base64, "base64");
    return { day, sketch: decodeSketch(bytes(sketch)), accuracy: decodeAccuracy(bytes(accuracy)) };
  });
}

/** What windows are compared with where these were the reference's. */
export function profileOfDays(sketches: readonly Sketch[]): DriftProfile {
  const windows = sketches.map((sketch) => ({ sketch }));
  return profileOf({ sketch: mergeSketches(sketches), windows }, flightDelay);
}

export const digest = "d".repeat(64) as ModelDigest;
const dayMs = 86_400_000;

/** Decide days on end, each after those before it. */
export function decideDays(profile: DriftProfile, sketches: readonly Sketch[]): DriftReport[] {
  const reports: DriftReport[] = [];
  for (const [i, sketch] of sketches.entries()) {
    const window = { fromMs: i * dayMs, untilMs: (i + 1) * dayMs };
    const earlier = reports.slice(-flightDelay.drift.windows.of);
    reports.push(
      decideWindow({ digest, package: flightDelay, profile, window, sketch, isWhole: true, earlier }),
    );
  }
  return reports;
}

/** The days with one feature's values changed. */
export function changeFeature(
  sketches: readonly Sketch[],
  name: string,
  change: (histogram: Histogram) => Histogram,
): Sketch[] {
  const changed = Object.keys(flightDelay.features).indexOf(name);
  return sketches.map((sketch) => ({
    ...sketch,
    features: sketch.features.map((feature, i) =>
      i === changed ? { ...feature, histogram: change(feature.histogram) } : feature,
    ),
  }));
}

/** The same counts under other keys. */
export function rekeyed({ keys, counts }: Histogram, change: (key: number) => number): Histogram {
  const moved = new Map<number, number>();
  for (const [i, key] of keys.entries()) moved.set(change(key), (moved.get(change(key)) ?? 0) + counts[i]!);
  return histogramOf(moved);
}

import type { ModelDigest } from "../../../contract/ids.ts";
import type { ModelPackage } from "../../../contract/model-package.ts";
import { scoredOutput } from "../../../contract/package-problems.ts";
import { type Calibration, calibrationError } from "../../outcome/accuracy/calibration.ts";
import { totalOf } from "../histogram.ts";
import type { FeatureSketch, Sketch } from "../sketch.ts";
import { type EstimatedAccuracy, estimateAccuracy } from "./cbpe.ts";
import { alarmedAfter } from "./drift-alarm.ts";
import { asFeature, type ComparedValue, type DriftProfile } from "./drift-profile.ts";
import type { DriftReport, ValueReport } from "./drift-report.ts";
import type { StatisticName } from "./drift-statistics.ts";
import { measureFeature } from "./measure-feature.ts";
import { brokenRules } from "./quality-rules.ts";

export interface DecideWindow {
  readonly digest: ModelDigest;
  readonly package: Pick<ModelPackage, "features" | "drift" | "outcome" | "outputs">;
  readonly profile: DriftProfile;
  /** Epoch milliseconds, whole hours; until is exclusive. */
  readonly window: { readonly fromMs: number; readonly untilMs: number };
  /** What the version was asked and said in it. */
  readonly sketch: Sketch;
  /** Whether the version was champion all through it. */
  readonly isWhole: boolean;
  /** Of the windows before it, ascending: at least as many compared ones as the rules count, where there were so many. */
  readonly earlier: readonly DriftReport[];
  /** How sure the version was before, and how often it was right; recalibrates the estimate. */
  readonly calibration?: Calibration;
}

/** Compare one window with the reference and say what is alarmed. */
export function decideWindow(given: DecideWindow): DriftReport {
  const { digest, package: pkg, profile, window, sketch, isWhole, earlier } = given;
  const verdict = sketch.rows < pkg.drift.minSamples ? "few" : isWhole ? "compared" : "begun";
  const isCompared = verdict === "compared";
  const { minSamples } = pkg.drift;
  const estimated = estimateOf(given);
  const error = given.calibration && calibrationError(given.calibration);
  const report: DriftReport = {
    digest,
    from: new Date(window.fromMs).toISOString(),
    until: new Date(window.untilMs).toISOString(),
    rows: sketch.rows,
    failed: sketch.failed,
    verdict,
    referenceWindows: profile.windowCount,
    features: isCompared ? reportsOf(profile.features, { minSamples, of: (i) => sketch.features[i] }) : [],
    scores: isCompared
      ? reportsOf(profile.scores, { minSamples, of: (i) => sketch.scores[i] && asFeature(sketch.scores[i]) })
      : [],
    breaches: isCompared ? brokenRules(pkg, sketch) : [],
    ...(estimated && { estimated }),
    ...(error !== undefined && { calibrationError: error }),
    alarmed: [],
  };
  return { ...report, alarmed: alarmedAfter([...earlier, report], pkg.drift) };
}

interface ReportsOf {
  readonly minSamples: number;
  readonly of: (index: number) => FeatureSketch | undefined;
}

function reportsOf(values: readonly ComparedValue[], { minSamples, of }: ReportsOf): ValueReport[] {
  return values
    .flatMap((value) => {
      const current = of(value.index);
      return current === undefined ? [] : (reportOf(value, current, minSamples) ?? []);
    })
    .sort((a, b) => excessOf(b) - excessOf(a));
}

function reportOf(
  { name, reference, thresholds }: ComparedValue,
  current: FeatureSketch,
  minSamples: number,
): ValueReport | undefined {
  const samples = totalOf(current.histogram) + current.invalid;
  const measured = measureFeature(reference, current);
  const [worst] = (Object.entries(measured) as [StatisticName, number][])
    .flatMap(([statistic, value]) => {
      const threshold = thresholds[statistic];
      return threshold === undefined ? [] : [{ statistic, value, threshold }];
    })
    .sort((a, b) => excessOf(b) - excessOf(a));
  if (worst === undefined) return undefined;
  const drifted = samples >= minSamples && worst.value > worst.threshold;
  return { name, ...worst, samples, drifted, measured };
}

function excessOf({ value, threshold }: { readonly value: number; readonly threshold: number }): number {
  return value / threshold;
}

function estimateOf({ package: pkg, sketch, calibration }: DecideWindow): EstimatedAccuracy | undefined {
  const kind = scoredOutput(pkg)?.kind;
  if (kind === undefined || kind === "number") return undefined;
  return estimateAccuracy(kind, sketch.scores, calibration);
}

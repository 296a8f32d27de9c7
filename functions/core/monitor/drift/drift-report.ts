import type { ModelDigest } from "../../../contract/ids.ts";
import type { EstimatedAccuracy } from "./cbpe.ts";
import type { Measured, StatisticName } from "./drift-statistics.ts";
import type { RuleBreach } from "./quality-rules.ts";

/** What was found of one window of event time, for one version. */
export interface DriftReport {
  readonly digest: ModelDigest;
  /** ISO 8601, UTC, whole hours: from then, inclusive, until then, exclusive. */
  readonly from: string;
  readonly until: string;
  /** Rows that the version was run on as champion. */
  readonly rows: number;
  /** Those that it failed on. */
  readonly failed: number;
  /**
   * `compared`, or why not: `few` where there were fewer rows than `drift.minSamples`, `begun` where the version began
   * to be champion within it, so that the window holds a part of its hours only. What was not compared counts in no alarm.
   */
  readonly verdict: "compared" | "few" | "begun";
  /** Windows of the reference that the thresholds stand on; 0 where the usual ones stand alone. */
  readonly referenceWindows: number;
  /** What exceeds its threshold by most comes first. */
  readonly features: readonly ValueReport[];
  readonly scores: readonly ValueReport[];
  readonly breaches: readonly RuleBreach[];
  /** Expected from the scores alone; absent where those are no probabilities. */
  readonly estimated?: EstimatedAccuracy;
  /** Expected calibration error of the version over the outcomes of the days before; absent where none has come. */
  readonly calibrationError?: number;
  /** What drifted in so many of the last windows that it is alarmed; empty where there is no alarm. */
  readonly alarmed: readonly DriftCause[];
}

/** How far one feature or score of a window stands from the reference. */
export interface ValueReport {
  readonly name: string;
  /** The statistic that exceeds its threshold by most, or comes nearest to it. */
  readonly statistic: StatisticName;
  readonly value: number;
  readonly threshold: number;
  /** Values that it stands on. */
  readonly samples: number;
  readonly drifted: boolean;
  /** Every statistic, those that decide nothing included. */
  readonly measured: Measured;
}

/** What an alarm is about: the name of a feature, of a score, or of a feature whose rule is broken. */
export interface DriftCause {
  readonly kind: "feature" | "score" | "rule";
  readonly name: string;
}

/** What drifted, or broke a rule, in one window. */
export function causesOf({ verdict, features, scores, breaches }: DriftReport): DriftCause[] {
  if (verdict !== "compared") return [];
  const drifted = (kind: "feature" | "score", values: readonly ValueReport[]) =>
    values.filter((each) => each.drifted).map(({ name }): DriftCause => ({ kind, name }));
  return [
    ...drifted("feature", features),
    ...drifted("score", scores),
    ...breaches.map(({ feature, rule }): DriftCause => ({ kind: "rule", name: `${feature}.${rule}` })),
  ];
}

/** One name for a cause, as people read it. */
export function causeText({ kind, name }: DriftCause): string {
  return kind === "feature" ? name : kind === "score" ? `prediction (${name})` : `rule ${name}`;
}

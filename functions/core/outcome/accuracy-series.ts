import { type AccuracyFigures, accuracyOf, totalAccuracy } from "./accuracy/accuracy-partial.ts";
import type { AccuracyKey, StoredAccuracy } from "./accuracy-store.ts";

/** How good the predictions of one version were under one role, over time and in all. */
export interface AccuracySeries extends Omit<AccuracyKey, "hour"> {
  /** In ascending order; spans without outcomes are left out. */
  readonly spans: readonly AccuracySpan[];
  readonly total: AccuracyFigures;
}

export interface AccuracySpan {
  /** `yyyy-mm-ddThh` or `yyyy-mm-dd`, UTC, of the predicted events. */
  readonly begins: string;
  readonly figures: AccuracyFigures;
}

export type AccuracyUnit = "hour" | "day";

/** What tells the spans of a unit: so much of an hour's text. */
const spanLengths: Readonly<Record<AccuracyUnit, number>> = {
  hour: "yyyy-mm-ddThh".length,
  day: "yyyy-mm-dd".length,
};

/**
 * Gather hours into series.
 *
 * @param stored - as `readAccuracy` gives it.
 * @returns one per version and role: champions first, the one whose predictions end latest before others.
 */
export function accuracySeries(stored: readonly StoredAccuracy[], unit: AccuracyUnit): AccuracySeries[] {
  const bySeries = Map.groupBy(stored, ({ role, digest }) => `${role}#${digest}`);
  const series = [...bySeries.values()].map((hours) => {
    const bySpan = Map.groupBy(hours, ({ hour }) => hour.slice(0, spanLengths[unit]));
    const spans = [...bySpan].map(([begins, each]) => ({ begins, figures: figuresOf(each) }));
    const { role, digest } = hours[0]!;
    return { role, digest, spans, total: figuresOf(hours), ends: hours.at(-1)!.hour };
  });
  return series
    .sort((a, b) => compare(roles.indexOf(a.role), roles.indexOf(b.role)) || compare(b.ends, a.ends))
    .map(({ ends: _, ...each }) => each);
}

const roles = ["champion", "challenger", "shadow"];

/** @param hours - at least one. */
function figuresOf(hours: readonly StoredAccuracy[]): AccuracyFigures {
  return accuracyOf(totalAccuracy(hours.map(({ partial }) => partial))!);
}

function compare<Value extends string | number>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

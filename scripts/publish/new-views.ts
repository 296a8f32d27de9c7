import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { createFieldIndex } from "../../functions/core/decode/field-index.ts";
import { compileViews, type ViewShape } from "../../functions/core/views/view-program.ts";

/** What a version lacks of the past. */
export interface NeededBackfill {
  /** Names of the views that nothing is kept of yet. */
  readonly views: readonly string[];
  /** ISO 8601: the first instant that their windows reach back to. */
  readonly from: string;
}

/**
 * What a version has to be given of the past: the views that features look at and that the champion keeps no state of.
 *
 * @param champion - undefined where there is none.
 * @param nowMs - epoch milliseconds.
 * @returns undefined where nothing is lacking.
 */
export function neededBackfill(
  published: ModelPackage,
  champion: ModelPackage | undefined,
  nowMs: number,
): NeededBackfill | undefined {
  const kept = new Set(champion === undefined ? [] : viewsOf(champion).map(({ digest }) => digest));
  const lacking = neededViews(published).filter(({ digest }) => !kept.has(digest));
  return lacking.length === 0 ? undefined : backfillOf(lacking, nowMs);
}

/** The backfill that fills views' windows. @param views - at least one. @param nowMs - epoch milliseconds. */
export function backfillOf(views: readonly ViewShape[], nowMs: number): NeededBackfill {
  const longestMs = Math.max(...views.map(({ maxWindowMs }) => maxWindowMs));
  const from = new Date(Math.floor((nowMs - longestMs) / 1000) * 1000).toISOString().replace(".000Z", "Z");
  return { views: views.map(({ name }) => name), from };
}

/** The views that features look at. */
export function neededViews(pkg: ModelPackage): readonly ViewShape[] {
  return viewsOf(pkg).filter(({ maxWindowMs }) => maxWindowMs > 0);
}

/** The views that a version keeps while it is live, whether or not a feature looks at them. */
export function viewsOf(pkg: ModelPackage): readonly ViewShape[] {
  // Digests say that keys are concealed, not by what.
  return compileViews(pkg, createFieldIndex(), { conceal: (text) => text }).views;
}

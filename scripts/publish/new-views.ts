import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { createFieldIndex } from "../../functions/core/decode/field-index.ts";
import { compileViews } from "../../functions/core/views/view-program.ts";

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
  const lacking = viewsOf(published).filter(
    ({ digest, maxWindowMs }) => maxWindowMs > 0 && !kept.has(digest),
  );
  if (lacking.length === 0) return undefined;
  const longestMs = Math.max(...lacking.map(({ maxWindowMs }) => maxWindowMs));
  const from = new Date(Math.floor((nowMs - longestMs) / 1000) * 1000).toISOString().replace(".000Z", "Z");
  return { views: lacking.map(({ name }) => name), from };
}

function viewsOf(pkg: ModelPackage) {
  // Digests say that keys are concealed, not by what.
  return compileViews(pkg, createFieldIndex(), { conceal: (text) => text }).views;
}

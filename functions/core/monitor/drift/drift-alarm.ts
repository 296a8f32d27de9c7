import type { DriftRules } from "../../../contract/drift.ts";
import { causesOf, causeText, type DriftCause, type DriftReport } from "./drift-report.ts";

/**
 * What is alarmed after a window: what drifted in `alarmed` of the last `of` windows that were compared. It is raised when
 * that many did, and cleared when fewer did.
 *
 * @param reports - of one version, in ascending order, the newest last; earlier ones than are needed are passed over.
 */
export function alarmedAfter(
  reports: readonly DriftReport[],
  { windows }: Pick<DriftRules, "windows">,
): DriftCause[] {
  const last = reports.filter(({ verdict }) => verdict === "compared").slice(-windows.of);
  const counts = new Map<string, { readonly cause: DriftCause; count: number }>();
  for (const cause of last.flatMap(causesOf)) {
    const known = counts.get(causeText(cause));
    if (known === undefined) counts.set(causeText(cause), { cause, count: 1 });
    else known.count++;
  }
  return [...counts.values()].filter(({ count }) => count >= windows.alarmed).map(({ cause }) => cause);
}

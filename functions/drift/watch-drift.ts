import type { DriftReport } from "../core/monitor/drift/drift-report.ts";
import { causesOf } from "../core/monitor/drift/drift-report.ts";
import type { DriftDeps } from "./deps.ts";
import { watchModel } from "./watch-model.ts";
import type { WatchedVersions } from "./watched-versions.ts";

/** No window is begun with less time left: the largest take some seconds to read. */
const leastRemainingMs = 30_000;

/**
 * Decide what there is to decide of every model, and emit how each stands: what is not new is emitted again, so that an
 * alarm lasts as long as its cause.
 *
 * @param remainingMs - how long the invocation may still take.
 * @throws what the first model that failed threw, after all others were watched.
 */
export async function watchDrift(
  deps: DriftDeps,
  { versions, remainingMs }: { readonly versions: WatchedVersions; readonly remainingMs: () => number },
): Promise<void> {
  const hasTime = () => remainingMs() >= leastRemainingMs;
  const failures: unknown[] = [];
  for (const model of deps.models) {
    if (!hasTime()) break;
    try {
      const watched = await versions.of(model);
      const report = watched && (await watchModel(model, watched, { deps, hasTime }));
      if (report !== undefined) emit(model, report, deps);
    } catch (error) {
      deps.logger.error("drift not decided; the next run tries again", { model, error });
      failures.push(error);
    }
  }
  deps.metrics.flush();
  if (failures.length > 0) throw failures[0];
}

function emit(model: string, report: DriftReport, { metrics }: DriftDeps): void {
  const add = (name: string, value: number | undefined) => {
    if (value !== undefined) metrics.add(name, value, "None", { Model: model });
  };
  add("DriftAlarm", report.alarmed.length > 0 ? 1 : 0);
  add("EstimatedLogLoss", report.estimated?.logLoss);
  add("EstimatedBrier", report.estimated?.brier);
  add("EstimatedAuc", report.estimated?.auc);
  add("CalibrationError", report.calibrationError);
  if (report.verdict !== "compared") return;
  add("DriftedFeatures", causesOf(report).filter(({ kind }) => kind === "feature").length);
  const distances = report.scores.flatMap(({ measured }) => measured.normedWasserstein ?? []);
  add("PredictionDrift", distances.length > 0 ? Math.max(...distances) : undefined);
}

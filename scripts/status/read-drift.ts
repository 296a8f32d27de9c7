import type { ModelDigest } from "../../functions/contract/ids.ts";
import { causesOf, causeText, type DriftReport } from "../../functions/core/monitor/drift/drift-report.ts";
import { readDrift } from "../../functions/core/monitor/drift/drift-store.ts";
import { accuracyOf, totalAccuracy } from "../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../functions/core/outcome/accuracy-store.ts";
import { readClocks } from "../../functions/core/state/shard-clock.ts";
import type { ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import type { DriftStatus, DriftWindow, Performance } from "./drift-status.ts";

export interface DriftStores {
  /** Holds the shards' clocks. */
  readonly tiles: ShardStateStore;
  /** Holds accuracy and the reports. */
  readonly sketches: ShardStateStore;
}

const shownWindows = 3;
const shownFeatures = 5;
const dayMs = 86_400_000;
/** How far back reports are looked for, the nearest first: windows are hours or months long. */
const spansDays = [7, 60, 400];

/**
 * Read how the newest windows of a version compare with what it was trained on, and what accuracy they promised beside
 * what came true.
 *
 * @returns null where no window was decided.
 * @throws {DependencyError} when the stores cannot be read.
 */
export async function readDriftStatus(
  { tiles, sketches }: DriftStores,
  { model, digest, nowMs }: { readonly model: string; readonly digest: ModelDigest; readonly nowMs: number },
): Promise<DriftStatus | null> {
  const clocks = await readClocks(tiles, model);
  const newestMs = Math.max(
    ...[...clocks.values()].map((clock) => clock.newestMs ?? Number.NEGATIVE_INFINITY),
  );
  const toMs = Number.isFinite(newestMs) ? newestMs : nowMs;
  for (const days of spansDays) {
    const reports = await readDrift(sketches, model, { fromMs: toMs - days * dayMs, toMs, digest });
    if (reports.length < shownWindows && days !== spansDays.at(-1)) continue;
    if (reports.length > 0) return await statusOf(reports.slice(-shownWindows), { model, sketches });
  }
  return null;
}

interface StatusOf {
  readonly model: string;
  readonly sketches: ShardStateStore;
}

/** @param reports - ascending, at least one. */
async function statusOf(
  reports: readonly DriftReport[],
  { model, sketches }: StatusOf,
): Promise<DriftStatus> {
  const compared = reports.findLast(({ verdict }) => verdict === "compared");
  return {
    alarmed: reports.at(-1)!.alarmed.map(causeText),
    referenceWindows: reports.at(-1)!.referenceWindows,
    windows: await Promise.all(reports.map(windowOf)),
    features: compared?.features.slice(0, shownFeatures) ?? [],
    scores: compared?.scores ?? [],
    breaches: compared?.breaches ?? [],
  };

  async function windowOf(report: DriftReport): Promise<DriftWindow> {
    const { from, until, rows, verdict, estimated } = report;
    return {
      ...{ from, until, rows, verdict },
      drifted: causesOf(report).map(causeText),
      estimated: estimated ?? null,
      measured: await measuredIn(report),
    };
  }

  async function measuredIn({ from, until, digest }: DriftReport): Promise<Performance | null> {
    const span = { fromMs: Date.parse(from), toMs: Date.parse(until) - 1 };
    const stored = await readAccuracy(sketches, model, span);
    const own = stored.filter((each) => each.role === "champion" && each.digest === digest);
    const total = totalAccuracy(own.map(({ partial }) => partial));
    if (total === undefined) return null;
    const figures = accuracyOf(total);
    if (figures.kind === "number" || figures.logLoss === undefined || figures.brier === undefined)
      return null;
    const { count, logLoss, brier, ece } = figures;
    const auc = "auc" in figures ? figures.auc : undefined;
    return {
      ...{ outcomes: count, logLoss, brier },
      ...(auc !== undefined && { auc }),
      ...(ece !== undefined && { ece }),
    };
  }
}

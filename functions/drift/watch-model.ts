import { decideWindow } from "../core/monitor/drift/decide-window.ts";
import { causeText, type DriftCause, type DriftReport } from "../core/monitor/drift/drift-report.ts";
import { readDrift, writeDrift } from "../core/monitor/drift/drift-store.ts";
import {
  type EventWindow,
  settledMs,
  wholeWindows,
  windowMsOf,
} from "../core/monitor/drift/event-windows.ts";
import { mergeSketches } from "../core/monitor/sketch.ts";
import { readSketches, sketchHour } from "../core/monitor/sketch-store.ts";
import { totalAccuracy } from "../core/outcome/accuracy/accuracy-partial.ts";
import type { Calibration } from "../core/outcome/accuracy/calibration.ts";
import { readAccuracy } from "../core/outcome/accuracy-store.ts";
import { readClocks } from "../core/state/shard-clock.ts";
import { writingShards } from "../core/state/writing-shards.ts";
import type { DriftDeps } from "./deps.ts";
import type { WatchedVersion } from "./watched-versions.ts";

/** Windows of one model that a run looks at: older ones are decided no more. */
export const maxWindows = 48;
/** As many as hysteresis can count. */
const maxEarlier = 30;
/** Over which outcomes the estimate is recalibrated: those of the days before the window. */
const calibrationMs = 14 * 86_400_000;
const keptSeconds = 400 * 86_400;
/** Clocks are written with each batch, sketches every two seconds: in a replay of the past hours pass in between. */
const writtenAfterMs = 5_000;

export type WatchDeps = Pick<DriftDeps, "tiles" | "sketches" | "logger" | "now" | "sleep">;

/**
 * Decide the whole windows of a version that were not decided yet, the oldest first.
 *
 * @param hasTime - asked before each window; the next run goes on where this one stopped.
 * @returns the newest report, undefined where no window was decided yet.
 * @throws {DependencyError} when a store cannot be read or written; what was decided until then stands.
 */
export async function watchModel(
  model: string,
  watched: WatchedVersion,
  { deps, hasTime }: { readonly deps: WatchDeps; readonly hasTime: () => boolean },
): Promise<DriftReport | undefined> {
  const windowMs = windowMsOf(watched.package.drift.window);
  const clocks = writingShards(await readClocks(deps.tiles, model));
  const untilMs = settledMs(clocks.values(), { windowMs, nowMs: deps.now() });
  const reports = await readDrift(deps.sketches, model, {
    fromMs: untilMs - (maxWindows + maxEarlier) * windowMs,
    toMs: untilMs,
    digest: watched.digest,
  });
  const newest = reports.at(-1);
  const after = newest === undefined ? Number.NEGATIVE_INFINITY : Date.parse(newest.until);
  const windows = wholeWindows(untilMs, { windowMs, after, most: maxWindows });
  if (windows.length > 0) await deps.sleep(writtenAfterMs);
  for (const window of windows) {
    if (!hasTime()) break;
    const report = await decide(model, watched, { window, earlier: reports, deps });
    if (report === undefined) continue;
    const expiresAt = Math.ceil(Math.max(window.untilMs, deps.now()) / 1000) + keptSeconds;
    await writeDrift(deps.sketches, model, { report, expiresAt });
    tellChange(model, { before: reports.at(-1)?.alarmed ?? [], report, logger: deps.logger });
    reports.push(report);
  }
  return reports.at(-1);
}

interface DecideOptions {
  readonly window: EventWindow;
  readonly earlier: readonly DriftReport[];
  readonly deps: WatchDeps;
}

/** @returns undefined where the version was asked nothing in the window. */
async function decide(
  model: string,
  { digest, package: pkg, profile }: WatchedVersion,
  { window, earlier, deps: { sketches } }: DecideOptions,
): Promise<DriftReport | undefined> {
  const role = "champion";
  const span = ({ fromMs, untilMs }: EventWindow) => ({ fromMs, toMs: untilMs - 1, role, digest }) as const;
  const hours = await readSketches(sketches, model, span(window));
  const sketch = mergeSketches(hours.map((hour) => hour.sketch));
  if (sketch.rows === 0) return undefined;
  const before = { fromMs: 2 * window.fromMs - window.untilMs, untilMs: window.fromMs };
  const isWhole =
    hours[0]!.hour === sketchHour(window.fromMs) ||
    earlier.at(-1)?.until === new Date(before.untilMs).toISOString() ||
    (await readSketches(sketches, model, span(before))).length > 0;
  const calibration = await readCalibration();
  return decideWindow({
    ...{ digest, package: pkg, profile, window, sketch, isWhole, earlier },
    ...(calibration && { calibration }),
  });

  async function readCalibration(): Promise<Calibration | undefined> {
    if (pkg.outcome === undefined) return undefined;
    const { fromMs } = window;
    const stored = await readAccuracy(sketches, model, { fromMs: fromMs - calibrationMs, toMs: fromMs - 1 });
    const own = stored.filter((each) => each.role === role && each.digest === digest);
    const total = totalAccuracy(own.map(({ partial }) => partial));
    return total?.kind === "binary" ? total.calibration : undefined;
  }
}

interface Change {
  readonly before: readonly DriftCause[];
  readonly report: DriftReport;
  readonly logger: WatchDeps["logger"];
}

function tellChange(model: string, { before, report, logger }: Change): void {
  const { digest, from, until, alarmed } = report;
  const [was, is] = [before.map(causeText), alarmed.map(causeText)];
  const raised = is.filter((each) => !was.includes(each));
  const cleared = was.filter((each) => !is.includes(each));
  const fields = { model, digest, from, until };
  if (raised.length > 0) logger.warn("drift alarm raised", { ...fields, raised, alarmed: is });
  if (cleared.length > 0) logger.info("drift alarm cleared", { ...fields, cleared, alarmed: is });
}

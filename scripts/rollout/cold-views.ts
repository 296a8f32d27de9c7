import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { hasState } from "../../functions/contract/package-problems.ts";
import { readClocks } from "../../functions/core/state/shard-clock.ts";
import type { ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import type { ViewShape } from "../../functions/core/views/view-program.ts";
import { readWarmth, type ViewWarmth } from "../backfill/warm-spans.ts";
import { neededViews, viewsOf } from "../publish/new-views.ts";

export interface ColdViewsOptions {
  readonly model: string;
  /** What is to be live. */
  readonly version: ModelPackage;
  readonly champion: ModelPackage;
  /** What else feeds its views now: challenger and shadow. */
  readonly rivals: readonly ModelPackage[];
  readonly tiles: ShardStateStore;
  /** Epoch milliseconds: the time of events where none has been seen yet. */
  readonly nowMs: number;
}

export interface ColdViews {
  readonly views: readonly ViewShape[];
  /** The newest event's time, epoch milliseconds: up to it tiles lack. */
  readonly newestMs: number;
}

/** Somebody has to run a backfill and then move: for so long a window may have stood still, or for a twentieth of it. */
const leastGapMs = 600_000;
const gapRatio = 1 / 20;

/**
 * The views of a version whose windows would look into the void: nobody feeds them, and no backfill has filled them up to
 * now.
 *
 * What the champion keeps for as long is as warm as it can be. What challenger or shadow keep was warm when they were
 * moved, unless they were moved cold. Neither looks at a tile: any key's may be empty.
 *
 * @returns undefined where all are warm.
 */
export async function coldViews(options: ColdViewsOptions): Promise<ColdViews | undefined> {
  const { model, version, champion, rivals, tiles } = options;
  const kept = keptMs([champion]);
  const open = neededViews(version).filter((view) => !isKept(view, kept));
  if (open.length === 0) return undefined;
  const warmth = await readWarmth(
    tiles,
    model,
    open.map(({ digest }) => digest),
  );
  const newestMs = await newestEventMs(options, [...warmth.values()]);
  if (newestMs === undefined) return undefined;
  const fed = keptMs(rivals);
  const views = open.filter(
    (view) => missingMs(view, warmth.get(view.digest)!, { newestMs, isFed: isKept(view, fed) }) > gapOf(view),
  );
  return views.length === 0 ? undefined : { views, newestMs };
}

/** How long versions keep a view's tiles: as long as the longest window of any of their views. */
function keptMs(versions: readonly ModelPackage[]): ReadonlyMap<string, number> {
  const kept = new Map<string, number>();
  for (const views of versions.map(viewsOf)) {
    const longestMs = Math.max(0, ...views.map(({ maxWindowMs }) => maxWindowMs));
    for (const { digest } of views) kept.set(digest, Math.max(kept.get(digest) ?? 0, longestMs));
  }
  return kept;
}

function isKept({ digest, maxWindowMs }: ViewShape, kept: ReadonlyMap<string, number>): boolean {
  return (kept.get(digest) ?? 0) >= maxWindowMs;
}

/** @returns undefined where no event has come yet: then nothing can lack. */
async function newestEventMs(
  { model, champion, tiles, nowMs }: ColdViewsOptions,
  warmth: readonly ViewWarmth[],
): Promise<number | undefined> {
  const clocks = [...(await readClocks(tiles, model)).values()];
  const newest = clocks.flatMap((clock) => clock.newestMs ?? []);
  if (newest.length > 0) return Math.max(...newest);
  if (hasState(champion)) return undefined;
  // A champion without state has no clock; what a backfill saw last is nearer the events' time than our clock may be.
  const backfilled = warmth.flatMap((each) => each.backfilled?.toMs ?? []);
  return backfilled.length > 0 ? Math.max(...backfilled) : nowMs;
}

/** What of a view's longest window neither a feeding version nor a backfill has seen. */
function missingMs(
  { maxWindowMs }: ViewShape,
  { backfilled, coldSinceMs }: ViewWarmth,
  { newestMs, isFed }: { readonly newestMs: number; readonly isFed: boolean },
): number {
  if (isFed && coldSinceMs === undefined) return 0;
  const fromMs = newestMs - maxWindowMs;
  const untilMs = isFed ? Math.min(coldSinceMs!, newestMs) : newestMs;
  if (untilMs <= fromMs) return 0;
  const filledMs =
    backfilled === undefined ? 0 : Math.min(untilMs, backfilled.toMs) - Math.max(fromMs, backfilled.fromMs);
  return untilMs - fromMs - Math.max(0, filledMs);
}

function gapOf({ maxWindowMs }: ViewShape): number {
  return Math.max(leastGapMs, maxWindowMs * gapRatio);
}

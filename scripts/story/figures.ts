import { holdoutFigures } from "../../functions/core/train/evaluate/holdout-figures.ts";
import type { MeasuredPeriod } from "./measure-period.ts";
import { concatRows, type ScoredRows } from "./score-log.ts";
import type { Story } from "./tell-story.ts";

/** How good some scores were. */
export interface Quality {
  readonly rows: number;
  /** In nats. */
  readonly logLoss: number;
  /** Undefined where all came true alike. */
  readonly auc: number | undefined;
}

/** The frozen champion beside the living one over some time. */
export interface Compared {
  readonly fromMs: number;
  readonly toMs: number;
  readonly frozen: Quality;
  readonly living: Quality;
}

/** What a champion did for the flights of its time, beside the one it replaced had that stayed. */
export interface Replacement {
  readonly fromMs: number;
  readonly toMs: number;
  readonly before: Quality;
  readonly after: Quality;
  /** Of the log-loss, as a share: below 0 where it fell. */
  readonly change: number;
}

export interface StoryFigures {
  readonly months: readonly Compared[];
  /** Days of a window. */
  readonly rollingDays: number;
  /** One ending each day. */
  readonly rolling: readonly Compared[];
  readonly replacements: readonly Replacement[];
  /** The last 14 days. */
  readonly last: Compared | undefined;
  readonly whole: Compared;
}

const dayMs = 86_400_000;
/** So many days are in a window of the rolling figures, or one where there are few. */
const usualRollingDays = 7;
const fewDays = 21;
const lastDays = 14;

export function figuresOf(story: Pick<Story, "periods" | "comparedMs" | "toMs">): StoryFigures {
  const rows = concatRows(story.periods.map((period) => period.rows));
  const { comparedMs, toMs } = story;
  const compared = (spans: readonly (readonly [number, number])[]) =>
    spans.flatMap(([fromMs, untilMs]) => compare(rows, fromMs, untilMs) ?? []);
  const rollingDays = toMs - comparedMs < fewDays * dayMs ? 1 : usualRollingDays;
  return {
    rollingDays,
    months: compared(monthsOf(comparedMs, toMs)),
    rolling: compared(windowsOf(comparedMs, toMs, rollingDays)),
    replacements: story.periods.flatMap(replacementOf),
    last: compare(rows, Math.max(comparedMs, toMs - lastDays * dayMs), toMs),
    whole: compare(rows, comparedMs, toMs)!,
  };
}

/** @returns undefined where there are no rows. */
export function compare(
  { timesMs, labels, living, frozen }: ScoredRows,
  fromMs: number,
  toMs: number,
): Compared | undefined {
  const wanted: number[] = [];
  for (let i = 0; i < timesMs.length; i++) if (timesMs[i]! >= fromMs && timesMs[i]! < toMs) wanted.push(i);
  if (wanted.length === 0) return undefined;
  const truth = pick(labels, wanted);
  return {
    ...{ fromMs, toMs },
    frozen: qualityOf(pick(frozen, wanted), truth),
    living: qualityOf(pick(living, wanted), truth),
  };
}

export function qualityOf(scores: Float32Array, labels: Float32Array): Quality {
  const { rows, loss, auc } = holdoutFigures({ scores, labels, width: 1 }, "binary");
  return { rows, logLoss: loss, auc };
}

function replacementOf({ fromMs, toMs, rows, champions, replacedOnes }: MeasuredPeriod): Replacement[] {
  if (replacedOnes === undefined) return [];
  const [before, after] = [qualityOf(replacedOnes, rows.labels), qualityOf(champions, rows.labels)];
  return [{ fromMs, toMs, before, after, change: after.logLoss / before.logLoss - 1 }];
}

/** The months of UTC that lie in a span, the first and the last cut to it. */
export function monthsOf(fromMs: number, toMs: number): readonly (readonly [number, number])[] {
  const months: [number, number][] = [];
  for (let startMs = fromMs; startMs < toMs; ) {
    const date = new Date(startMs);
    const nextMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    months.push([startMs, Math.min(nextMs, toMs)]);
    startMs = nextMs;
  }
  return months;
}

/** Whole windows, each ending at a midnight of UTC. */
export function windowsOf(
  fromMs: number,
  toMs: number,
  days: number,
): readonly (readonly [number, number])[] {
  const windows: [number, number][] = [];
  for (let endMs = Math.ceil(fromMs / dayMs) * dayMs; endMs <= toMs; endMs += dayMs)
    if (endMs - days * dayMs >= fromMs) windows.push([endMs - days * dayMs, endMs]);
  return windows;
}

function pick(values: Float32Array, wanted: readonly number[]): Float32Array {
  return Float32Array.from(wanted, (i) => values[i]!);
}

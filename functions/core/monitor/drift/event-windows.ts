import { secondsOf } from "../../../contract/duration.ts";

/** One span of event time, epoch milliseconds; until is exclusive. */
export interface EventWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

const hourMs = 3_600_000;

/** How long after its end a window is decided, in event time: what came last is written by then. */
const settleMs = 10 * 60_000;

/** Length of a declared window: whole hours, as sketches are kept by the hour. */
export function windowMsOf(declared: string): number {
  return Math.ceil((secondsOf(declared) * 1000) / hourMs) * hourMs;
}

/**
 * Up to when all events have come: as far as the slowest shard is, but no more than a window behind the fastest, so
 * that a shard that gets no events holds up nothing for long.
 *
 * @param clocks - newest event time of each shard that writes, epoch milliseconds; without any, `nowMs` stands for it.
 */
export function settledMs(
  clocks: Iterable<number>,
  { windowMs, nowMs }: { readonly windowMs: number; readonly nowMs: number },
): number {
  const times = [...clocks].filter(Number.isFinite);
  if (times.length === 0) return nowMs - settleMs;
  return Math.max(Math.min(...times), Math.max(...times) - windowMs) - settleMs;
}

/**
 * The newest whole windows that end by a time.
 *
 * @param after - windows that begin before it are left out, epoch milliseconds.
 * @returns at most `most`, ascending; they end at whole hours, and one day's at midnight, UTC.
 */
export function wholeWindows(
  untilMs: number,
  { windowMs, after, most }: { readonly windowMs: number; readonly after: number; readonly most: number },
): EventWindow[] {
  const end = Math.floor(untilMs / windowMs);
  const begin = Math.max(end - most, Math.ceil(after / windowMs));
  return Array.from({ length: Math.max(0, end - begin) }, (_, i) => ({
    fromMs: (begin + i) * windowMs,
    untilMs: (begin + i + 1) * windowMs,
  }));
}

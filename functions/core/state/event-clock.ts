import type { Problem } from "../features/column.ts";

/** Where a clock stands: plain data, so that it can be kept. */
export interface ClockSnapshot {
  /** The newest time of an admitted event, epoch milliseconds; undefined where none had a time. */
  readonly newestMs: number | undefined;
  /** When that event arrived on the stream, epoch milliseconds. */
  readonly arrivalMs: number | undefined;
  /** Events in a row, the latest of those seen, that were too far ahead and agreed with each other. */
  readonly ahead: AheadRun | undefined;
}

export interface AheadRun {
  /** Least and greatest of their times, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** When the first of them arrived, epoch milliseconds. */
  readonly arrivalMs: number;
  readonly count: number;
}

export interface EventClock {
  readonly newestMs: number | undefined;
  /**
   * Judge an event, and advance to its time where it is admitted and newer. Events come in stream order.
   *
   * @param timeMs - the event's own time, epoch milliseconds.
   * @param arrivalMs - when it arrived on the stream, epoch milliseconds.
   * @returns false where it is too far ahead.
   */
  admit(timeMs: number, arrivalMs: number): boolean;
  /** Say why the event that was just not admitted was not. */
  explainAhead(timeMs: number, arrivalMs: number): Problem;
  snapshot(): ClockSnapshot;
}

/** So many events in a row that agree are no longer one wrong clock but a stream that has jumped, such as a replay. */
export const jumpCount = 10;

/** The clock of a stream that has shown nothing yet. */
export const unsetClock: ClockSnapshot = { newestMs: undefined, arrivalMs: undefined, ahead: undefined };

/**
 * A clock that events set: their newest time, guarded so that one wrong clock cannot make all the others late.
 *
 * No event may be further ahead of its own arrival than `aheadMs`, whatever came before. Nor may it be further ahead of
 * the newest event than that and the time that has passed on the stream since; except as the last of `jumpCount` in a
 * row whose times lie within `aheadMs`, and the time that they took to arrive, of each other: then the clock jumps.
 */
export function createEventClock(aheadMs: number, start: ClockSnapshot): EventClock {
  let { newestMs, arrivalMs: newestArrivalMs, ahead } = start;

  return {
    get newestMs() {
      return newestMs;
    },
    admit(timeMs, arrivalMs) {
      // Neither a step towards a jump nor the end of one: such a time can never come true.
      if (timeMs > arrivalMs + aheadMs) return false;
      if (timeMs > latestMs(arrivalMs) && !completesJump(timeMs, arrivalMs)) return false;
      ahead = undefined;
      if (newestMs === undefined || timeMs > newestMs) {
        newestMs = timeMs;
        newestArrivalMs = arrivalMs;
      }
      return true;
    },
    explainAhead(timeMs, arrivalMs) {
      const got = `event time: got ${instant(timeMs)}, expected at most`;
      const message =
        timeMs > arrivalMs + aheadMs
          ? `${got} ${instant(arrivalMs + aheadMs)}, ${aheadMs / 1000} s after its arrival; fix the producer's clock or raise event.ahead`
          : `${got} ${instant(latestMs(arrivalMs))}, ${aheadMs / 1000} s and the time passed since after the newest before it; ` +
            `fix the producer's clock or raise event.ahead (${jumpCount} events in a row that agree are admitted)`;
      return { code: "input.range", message };
    },
    snapshot: () => ({ newestMs, arrivalMs: newestArrivalMs, ahead }),
  };

  /** The latest time that the clock allows an event that arrives then. */
  function latestMs(arrivalMs: number): number {
    if (newestMs === undefined || newestArrivalMs === undefined) return Number.POSITIVE_INFINITY;
    return newestMs + aheadMs + Math.max(0, arrivalMs - newestArrivalMs);
  }

  function completesJump(timeMs: number, arrivalMs: number): boolean {
    const run = ahead ?? { fromMs: timeMs, toMs: timeMs, arrivalMs, count: 0 };
    const fromMs = Math.min(run.fromMs, timeMs);
    const toMs = Math.max(run.toMs, timeMs);
    // A slow stream's events lie as far apart as their arrivals.
    const agrees = toMs - fromMs <= aheadMs + Math.max(0, arrivalMs - run.arrivalMs);
    ahead = agrees
      ? { fromMs, toMs, arrivalMs: run.arrivalMs, count: run.count + 1 }
      : { fromMs: timeMs, toMs: timeMs, arrivalMs, count: 1 };
    return ahead.count >= jumpCount;
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

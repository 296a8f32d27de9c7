import type { Quota } from "./definitions.ts";

export interface RequestQuota {
  /** Whether the period's limit leaves room for a request; if so, it is counted. */
  take(): boolean;
}

/**
 * Count requests against a limit per calendar day, week (from Sunday) or month, all in UTC.
 *
 * @param now - milliseconds since 1970.
 */
export function createRequestQuota({ limit, offset, period }: Quota, now: () => number): RequestQuota {
  let startMs = periodStartMs(period, now());
  let used = offset;
  return {
    take() {
      const presentMs = periodStartMs(period, now());
      if (presentMs > startMs) {
        startMs = presentMs;
        used = 0;
      }
      if (used >= limit) return false;
      used += 1;
      return true;
    },
  };
}

function periodStartMs(period: Quota["period"], timeMs: number): number {
  const time = new Date(timeMs);
  const day = { DAY: time.getUTCDate(), WEEK: time.getUTCDate() - time.getUTCDay(), MONTH: 1 }[period];
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), day);
}

/** How often and how long an outside call is tried again, and where time and chance come from. */
export interface Retry {
  /** Attempts of one operation, the first included. */
  readonly attempts: number;
  /** Bound of the first wait; each later one is doubled, up to `capMs`. */
  readonly baseMs: number;
  readonly capMs: number;
  /** No attempt starts later than this after the budget was started. */
  readonly totalMs: number;
  sleep(ms: number): Promise<void>;
  /** Uniform over [0, 1). */
  random(): number;
  /** Milliseconds of a clock that only runs forward. */
  now(): number;
}

/** Rides out a throttle or a failover of a second or two; what lasts longer is the event source's to retry. */
export const defaultRetry: Retry = {
  attempts: 6,
  baseMs: 50,
  capMs: 2_000,
  totalMs: 10_000,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
  now: () => performance.now(),
};

/** The time that one call of an adapter may spend on retries, shared by all the requests it consists of. */
export interface RetryBudget {
  /** Whether no further attempt may start. */
  isSpent(): boolean;
  /**
   * Wait before the attempt after number `attempt` (1 for the first).
   *
   * @returns false, at once, when there is to be no further attempt.
   */
  wait(attempt: number): Promise<boolean>;
}

/**
 * Start a budget of `retry.totalMs`.
 *
 * Waits are "full jitter": uniform from 0 to the doubled bound, so that clients that failed together do not
 * come back together.
 *
 * @see Exponential Backoff and Jitter, AWS Architecture Blog, 2015
 */
export function startBudget(retry: Retry): RetryBudget {
  const deadlineMs = retry.now() + retry.totalMs;
  return {
    isSpent: () => retry.now() >= deadlineMs,
    async wait(attempt) {
      if (attempt >= retry.attempts) return false;
      const delayMs = retry.random() * Math.min(retry.capMs, retry.baseMs * 2 ** (attempt - 1));
      if (retry.now() + delayMs >= deadlineMs) return false;
      await retry.sleep(delayMs);
      return true;
    },
  };
}

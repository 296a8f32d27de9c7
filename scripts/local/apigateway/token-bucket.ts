import type { Throttle } from "./definitions.ts";

export interface TokenBucket {
  /** Whether a request may pass now; if so, it costs one token. */
  take(): boolean;
}

/**
 * Throttle as API Gateway does: a bucket of `burst` tokens, full at first, that fills at the rate.
 *
 * @param now - milliseconds; a clock that goes back neither fills nor empties the bucket.
 * @see API Gateway Developer Guide, "Throttle requests to your REST APIs": token bucket algorithm
 */
export function createTokenBucket({ ratePerSecond, burst }: Throttle, now: () => number): TokenBucket {
  if (ratePerSecond === undefined) return { take: () => true };
  const capacity = burst ?? Math.max(1, Math.ceil(ratePerSecond));
  let tokens = capacity;
  let filledAtMs = now();
  return {
    take() {
      const elapsedMs = Math.max(0, now() - filledAtMs);
      const available = Math.min(capacity, tokens + (elapsedMs * ratePerSecond) / 1000);
      // The sum of many thirds may miss a whole by a rounding error.
      if (available < 1 - 1e-9) return false;
      tokens = Math.max(0, available - 1);
      filledAtMs += elapsedMs;
      return true;
    },
  };
}

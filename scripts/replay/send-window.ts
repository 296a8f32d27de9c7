/** How many calls may be in flight; fewer after throttling, more again as calls succeed. */
export interface SendWindow {
  readonly limit: number;
  /** Resolves when a call may be sent. */
  acquire(): Promise<void>;
  /** Must be called once for each acquired call, when it has been answered. */
  release(outcome: { readonly throttled: boolean }): void;
}

/**
 * Additive increase, multiplicative decrease, as in TCP: a throttled call halves the limit, `limit` calls in a row
 * that were not throttled add one.
 *
 * @param maxLimit - at least 1; also where it starts.
 */
export function createSendWindow(maxLimit: number): SendWindow {
  let limit = maxLimit;
  let inFlightCount = 0;
  let successCount = 0;
  const waiting: (() => void)[] = [];

  const admit = () => {
    while (inFlightCount < limit && waiting.length > 0) {
      inFlightCount += 1;
      waiting.shift()!();
    }
  };
  return {
    get limit() {
      return limit;
    },
    acquire: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        admit();
      }),
    release({ throttled }) {
      inFlightCount -= 1;
      successCount = throttled ? 0 : successCount + 1;
      if (throttled) limit = Math.max(1, Math.floor(limit / 2));
      else if (successCount >= limit && limit < maxLimit) {
        limit += 1;
        successCount = 0;
      }
      admit();
    },
  };
}

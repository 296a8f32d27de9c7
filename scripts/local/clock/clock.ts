/** The time that alarms, schedules and state machines go by. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /**
   * Call `run` once, as soon as it is `timeMs` or later, never before this returns.
   *
   * @returns calls it off; harmless afterwards.
   */
  at(timeMs: number, run: () => void): () => void;
}

/** The time of the day. Its timers keep no process alive. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  at(timeMs: number, run: () => void) {
    let timer: NodeJS.Timeout;
    const wait = () => {
      const leftMs = timeMs - Date.now();
      timer = setTimeout(
        () => (timeMs <= Date.now() ? run() : wait()),
        Math.min(Math.max(leftMs, 0), maxTimerMs),
      );
      timer.unref();
    };
    wait();
    return () => clearTimeout(timer);
  },
});

/**
 * Wait until it is `timeMs`.
 *
 * @throws the signal's reason, when it is aborted first.
 */
export function waitUntil(clock: Clock, timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.at(timeMs, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** A longer timer of Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

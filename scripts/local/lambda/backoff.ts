import { setTimeout as delay } from "node:timers/promises";

/** Clock, timer and chance, so that tests can bring their own. */
export interface Timing {
  now(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 inclusive to 1 exclusive. */
  random(): number;
}

export const systemTiming: Timing = Object.freeze({
  now: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }),
  random: () => Math.random(),
});

export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** @param failures - failures in a row, at least 1. @returns between half and the whole of the doubled, capped delay. */
export function backoffMs({ baseMs, capMs }: Backoff, failures: number, random: () => number): number {
  const ceilingMs = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return ceilingMs * (0.5 + random() / 2);
}

/** The time of the story: that of the events, moved on by whoever serves them. */
export interface StoryClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Earlier times are taken for the one it is: a clock is never set back. */
  moveTo(timeMs: number): void;
}

export function createStoryClock(startMs: number): StoryClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    moveTo(timeMs) {
      nowMs = Math.max(nowMs, timeMs);
    },
  };
}

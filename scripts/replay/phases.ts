/** A stretch of a replay with one pace. */
export interface Phase {
  readonly name: "the day before" | "warm-up" | "paced" | "full speed" | "as it happened";
  readonly eventCount: number;
  /** Events per second; without it as fast as the stream takes them, or as `speed` says. */
  readonly ratePerSecond?: number | undefined;
  /** How many times as fast as it happened. */
  readonly speed?: number | undefined;
}

/** Pace that latency is measured at: a tenth or less of what two cores take, so that nothing queues. */
export const pacedRatePerSecond = 200;

export interface PhasePlan {
  /** Events whose predictions are scored, and those between them. */
  readonly eventCount: number;
  /** Events that come first, at full speed, so that windows know the recent past. @default 0 */
  readonly historyCount?: number;
  /** When given, everything after the warm-up keeps this pace and gives both numbers. */
  readonly ratePerSecond?: number | undefined;
  /** When given, everything after the history comes so many times as fast as it happened. */
  readonly speed?: number | undefined;
}

/**
 * Divide a replay so that each number means what it says.
 *
 * At full speed a prediction's latency is the length of the queue before it, and at a pace the events per second are
 * the pace. So: what was before; a warm-up, one burst that wakes a function for every shard; a paced phase of at most ten
 * seconds, which gives the latency; then all the rest at full speed, which gives the events per second.
 */
export function planPhases({
  eventCount,
  historyCount = 0,
  ratePerSecond,
  speed,
}: PhasePlan): readonly Phase[] {
  const history = { name: "the day before", eventCount: historyCount } as const;
  const phases: readonly Phase[] =
    speed === undefined
      ? [history, ...measuringPhases(eventCount, ratePerSecond)]
      : [history, { name: "as it happened", eventCount, speed }];
  return phases.filter((phase) => phase.eventCount > 0);
}

function measuringPhases(eventCount: number, ratePerSecond: number | undefined): readonly Phase[] {
  const warmUp = Math.min(200, Math.ceil(eventCount / 10));
  const rest = eventCount - warmUp;
  const paced = ratePerSecond === undefined ? Math.min(pacedRatePerSecond * 10, Math.ceil(rest / 2)) : rest;
  return [
    { name: "warm-up", eventCount: warmUp },
    { name: "paced", eventCount: paced, ratePerSecond: ratePerSecond ?? pacedRatePerSecond },
    { name: "full speed", eventCount: rest - paced },
  ];
}

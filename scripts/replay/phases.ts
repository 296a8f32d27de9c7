/** A stretch of a replay with one pace. */
export interface Phase {
  readonly name: "warm-up" | "paced" | "full speed";
  readonly flightCount: number;
  /** Events per second; without it as fast as the stream takes them. */
  readonly ratePerSecond?: number | undefined;
}

/** Pace that latency is measured at: a tenth or less of what two cores take, so that nothing queues. */
export const pacedRatePerSecond = 200;

/**
 * Divide a replay so that each number means what it says.
 *
 * At full speed a prediction's latency is the length of the queue before it, and at a pace the events per second are
 * the pace. So: a warm-up, one burst that wakes a function for every shard; a paced phase of at most ten seconds, which gives the
 * latency; then all the rest at full speed, which gives the events per second.
 *
 * @param ratePerSecond - when given, everything after the warm-up keeps this pace and gives both numbers.
 */
export function planPhases(flightCount: number, ratePerSecond?: number): readonly Phase[] {
  const warmUp = Math.min(200, Math.ceil(flightCount / 10));
  const rest = flightCount - warmUp;
  const paced = ratePerSecond === undefined ? Math.min(pacedRatePerSecond * 10, Math.ceil(rest / 2)) : rest;
  const phases: readonly Phase[] = [
    { name: "warm-up", flightCount: warmUp },
    { name: "paced", flightCount: paced, ratePerSecond: ratePerSecond ?? pacedRatePerSecond },
    { name: "full speed", flightCount: rest - paced },
  ];
  return phases.filter((phase) => phase.flightCount > 0);
}

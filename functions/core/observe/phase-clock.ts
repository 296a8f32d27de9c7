/** Tells how a piece of work divides into phases, by one reading of the clock per change of phase. */
export interface PhaseClock<Phase extends string> {
  /** End the phase in progress and begin, or go on with, another. */
  enter(phase: Phase): void;
  /** End the phase in progress. @returns how long each phase took in all, in milliseconds, in the order of entry. */
  stop(): ReadonlyMap<Phase, number>;
}

/** @param nowMs - a clock in milliseconds, with fractions, that is never set back. */
export function startPhaseClock<Phase extends string>(nowMs: () => number): PhaseClock<Phase> {
  const totals = new Map<Phase, number>();
  let current: Phase | undefined;
  let enteredMs = 0;

  return {
    enter(phase) {
      change(phase);
    },
    stop() {
      change(undefined);
      return totals;
    },
  };

  function change(phase: Phase | undefined): void {
    const changedMs = nowMs();
    if (current !== undefined) totals.set(current, (totals.get(current) ?? 0) + changedMs - enteredMs);
    current = phase;
    enteredMs = changedMs;
  }
}

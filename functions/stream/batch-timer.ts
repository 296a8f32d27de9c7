import type { Metrics } from "../core/observe/metrics.ts";
import { type PhaseClock, startPhaseClock } from "../core/observe/phase-clock.ts";

/** What a batch spends its time on, in the order of a chunk; load and reject stand before the first and after the last. */
export type BatchPhase = "load" | "decode" | "state" | "predict" | "write" | "reject";

/** The clock of one batch. */
export interface BatchTiming extends Pick<PhaseClock<BatchPhase>, "enter"> {
  /** Measure the batch, which is done. */
  finish(): void;
}

/** Times the batches of one environment. */
export interface BatchTimer {
  /** @param arrivalMs - when the batch's first record reached the stream, in epoch milliseconds. */
  start(arrivalMs: number): BatchTiming;
}

/**
 * Decoding and features are one pass over the events, and so one number. Runs and the shared cache, both within
 * `predict`, measure themselves; loading shows in how long a cold batch takes.
 */
const metricOf: Readonly<Partial<Record<BatchPhase, string>>> = {
  decode: "DecodeMs",
  state: "StateMs",
  write: "WriteMs",
  reject: "RejectMs",
};

/** The first batch of an environment is its cold one; what its start took before is in Lambda's own log. */
export function createBatchTimer(options: {
  readonly metrics: Metrics;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}): BatchTimer {
  const { metrics, now, nowMs } = options;
  let isCold = true;
  return { start };

  function start(arrivalMs: number): BatchTiming {
    const wasCold = isCold;
    isCold = false;
    const startedMs = nowMs();
    const phases = startPhaseClock<BatchPhase>(nowMs);
    // The stream's clock is another machine's.
    addMs("QueueMs", Math.max(0, now() - arrivalMs));
    return {
      enter: phases.enter,
      finish() {
        for (const [phase, durationMs] of phases.stop()) {
          const name = metricOf[phase];
          if (name !== undefined) addMs(name, durationMs);
        }
        addMs(wasCold ? "ColdBatchDurationMs" : "BatchDurationMs", nowMs() - startedMs);
      },
    };
  }

  function addMs(name: string, value: number): void {
    metrics.add(name, value, "Milliseconds");
  }
}

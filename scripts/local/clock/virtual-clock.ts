import { setImmediate as immediate } from "node:timers/promises";
import type { Clock } from "./clock.ts";

/** A clock that stands still until it is told to go on. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(timeMs: number, run: () => void): () => void {
    const timer = { timeMs, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** When the next timer is due; undefined when there is none. */
  get nextMs(): number | undefined {
    return this.#next()?.timeMs;
  }

  /**
   * Go on to `timeMs`, stopping at every timer on the way, those made on the way too, in the order of their times.
   *
   * @param settled - resolves when what a timer began is through, e.g. `() => cloud.idle()`; without it, one turn of
   * the event loop.
   */
  async advanceTo(timeMs: number, settled: () => Promise<unknown> = immediate): Promise<void> {
    await settled();
    for (let timer = this.#next(); timer !== undefined && timer.timeMs <= timeMs; timer = this.#next()) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.timeMs);
      timer.run();
      await settled();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }

  /** Of equal times the one set first. */
  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.timeMs < next.timeMs) next = timer;
    return next;
  }
}

interface Timer {
  readonly timeMs: number;
  readonly run: () => void;
}

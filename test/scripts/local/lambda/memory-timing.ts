import type { Timing } from "../../../../scripts/local/lambda/backoff.ts";

/** A clock that moves only when something sleeps: to the end of the sleep that ends first, when all else is quiet. */
export class MemoryTiming implements Timing {
  #nowMs: number;
  readonly slept: number[] = [];
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Move the clock without waking anybody. */
  advance(ms: number): void {
    this.#nowMs += ms;
  }

  random(): number {
    return 1 - Number.EPSILON;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(ms);
    await new Promise<void>((resolve, reject) => {
      const sleeper = {
        untilMs: this.#nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener("abort", stop);
          resolve();
        },
      };
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
      setImmediate(() => this.#wakeFirst());
    });
  }

  #wakeFirst(): void {
    const [first] = [...this.#sleepers].sort((a, b) => a.untilMs - b.untilMs);
    if (first === undefined) return;
    this.#nowMs = Math.max(this.#nowMs, first.untilMs);
    first.wake();
    if (this.#sleepers.size > 0) setImmediate(() => this.#wakeFirst());
  }
}

import { setImmediate as immediate } from "node:timers/promises";

/** What is under way in the background, apart from what waits for the clock. */
export class Activity {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Count `work` as under way until it ends, however it ends. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#end();
    }
  }

  /** Within {@link run}: wait for something that only the clock brings about. */
  async pause<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.#end();
    try {
      return await wait();
    } finally {
      this.#running += 1;
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    // One turn of the event loop, so that what a timer has just woken is counted.
    for (await immediate(); !this.isIdle; await immediate()) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #end(): void {
    this.#running -= 1;
    if (this.isIdle) for (const wake of this.#waiting.splice(0)) wake();
  }
}

import { TaskError } from "./task-error.ts";

/** One event of an execution, as GetExecutionHistory has it. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  /** Epoch seconds. */
  readonly timestamp: number;
  /** `<kind>EventDetails`. */
  readonly [details: string]: unknown;
}

/** What happened in an execution, in order. */
export class History {
  readonly #nowMs: () => number;
  readonly #events: HistoryEvent[] = [];
  #isClosed = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @param type - e.g. `TaskScheduled`; its details are named after it, those of states without their kind. */
  record(type: string, details: object): void {
    if (this.#isClosed) return;
    const kind = type.replace(/^[A-Z][a-z]+(StateEntered|StateExited)$/, "$1");
    const id = this.#events.length + 1;
    const named = { [`${kind.charAt(0).toLowerCase()}${kind.slice(1)}EventDetails`]: details };
    this.#events.push({ id, previousEventId: id - 1, type, timestamp: this.#nowMs() / 1000, ...named });
  }

  /** What is still at work when an execution ends has nothing more to tell. */
  close(): void {
    this.#isClosed = true;
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  /** @throws {TaskError} that nothing catches, when it is as long as it may get. */
  checkLength(): void {
    if (this.#events.length < maxEvents) return;
    throw new TaskError(
      "States.Runtime",
      `the execution reached the maximum number of history events (${maxEvents})`,
    );
  }
}

/** @see AWS Step Functions developer guide, "Quotas": maximum execution history size */
const maxEvents = 25_000;

import type { ShardCursor, StoredRecord } from "../kinesis/reader.ts";
import type { Timing } from "./backoff.ts";
import { EventSize, type EventSource, maxEventBytes } from "./batch.ts";
import type { EventSourceMapping } from "./event-source-config.ts";

/** Records read from a shard and not yet sent: where batches are cut. */
export class RecordBuffer {
  readonly #source: EventSource;
  readonly #cursor: ShardCursor;
  readonly #timing: Timing;
  #records: StoredRecord[] = [];
  /** The first so many records are counted in `#size` and fit one event. */
  #fitting = 0;
  #size: EventSize;
  #firstReadAtMs = 0;
  #isEnded = false;
  #isWaiting = false;

  constructor(source: EventSource, cursor: ShardCursor, timing: Timing) {
    this.#source = source;
    this.#cursor = cursor;
    this.#timing = timing;
    this.#size = new EventSize(source);
  }

  /** True while there is nothing to do but wait for a record. */
  get isWaiting(): boolean {
    return this.#isWaiting && this.#records.length === 0 && this.#cursor.millisBehindLatest() === 0;
  }

  /**
   * The records of the next batch: as many as there are once the window has passed, the batch size or 6 MB of event
   * is reached, or the shard has ended; at least one.
   *
   * @returns `undefined` when the shard has ended and every record has been taken.
   */
  async take(mapping: EventSourceMapping, signal: AbortSignal): Promise<StoredRecord[] | undefined> {
    const { batchSize } = mapping;
    for (;;) {
      signal.throwIfAborted();
      this.#fill(batchSize);
      const count = this.#fittingCount(batchSize);
      const isFull = count === batchSize || count < this.#records.length;
      if (count > 0) {
        const waitMs = this.#firstReadAtMs + mapping.maximumBatchingWindowSeconds * 1000 - this.#timing.now();
        if (isFull || this.#isEnded || waitMs <= 0) return this.#cut(count);
        await this.#waitAtMost(waitMs, signal);
      } else if (this.#isEnded) {
        return undefined;
      } else {
        this.#isWaiting = true;
        await this.#cursor.waitForData(signal).finally(() => {
          this.#isWaiting = false;
        });
      }
    }
  }

  #fill(batchSize: number): void {
    const room = batchSize - this.#records.length;
    if (room <= 0 || this.#isEnded) return;
    const { records, ended } = this.#cursor.read(room);
    this.#isEnded = ended;
    if (records.length === 0) return;
    if (this.#records.length === 0) this.#firstReadAtMs = this.#timing.now();
    this.#records.push(...records);
  }

  #fittingCount(batchSize: number): number {
    const limit = Math.min(batchSize, this.#records.length);
    while (this.#fitting < limit) {
      const bytes = this.#size.bytesOf(this.#records[this.#fitting]!);
      // A record that fits no event goes alone: the invocation fails, and it is given up like any other.
      if (this.#fitting > 0 && this.#size.bytes + bytes > maxEventBytes) break;
      this.#size.add(bytes);
      this.#fitting += 1;
    }
    return Math.min(limit, this.#fitting);
  }

  #cut(count: number): StoredRecord[] {
    const records = this.#records.slice(0, count);
    this.#records = this.#records.slice(count);
    this.#fitting = 0;
    this.#size = new EventSize(this.#source);
    this.#firstReadAtMs = this.#timing.now();
    return records;
  }

  async #waitAtMost(ms: number, signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    try {
      await Promise.race([this.#cursor.waitForData(either), this.#timing.sleep(ms, either)]);
    } finally {
      done.abort();
    }
  }
}

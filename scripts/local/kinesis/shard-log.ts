import type { StoredRecord } from "./reader.ts";

/** What one record costs beside its data and key: the object, the sequence number, its slot in the ring. */
export const recordOverheadBytes = 256;

/**
 * The records of one shard: a ring that grows, read by position and trimmed from the front.
 *
 * Positions count from 0 for the shard's first record and never change; `first <= position < next` are held.
 * Appending, trimming and reading cost O(1) per record. A log never holds more than `maxBytes` (its newest record
 * excepted): beyond that the oldest go, as if their retention had ended, and `evictedCount` says how many.
 */
export class ShardLog {
  #slots: (StoredRecord | undefined)[] = new Array(64);
  #first = 0;
  #next = 0;
  #sizeBytes = 0;
  #evictedCount = 0;
  #closed = false;
  readonly #maxBytes: number;
  readonly #watchers = new Set<() => void>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Position of the oldest record held: the trim horizon. */
  get first(): number {
    return this.#first;
  }
  /** Position that the next record will get: the tip. */
  get next(): number {
    return this.#next;
  }
  get closed(): boolean {
    return this.#closed;
  }
  get sizeBytes(): number {
    return this.#sizeBytes;
  }
  /** Records dropped for room before their retention had ended. */
  get evictedCount(): number {
    return this.#evictedCount;
  }

  /** @param record - arrives no earlier than the one before it. */
  append(record: StoredRecord): void {
    if (this.#next - this.#first === this.#slots.length) this.#grow();
    this.#slots[this.#next % this.#slots.length] = record;
    this.#next += 1;
    this.#sizeBytes += costBytes(record);
    while (this.#sizeBytes > this.#maxBytes && this.#next - this.#first > 1) {
      this.#dropFirst();
      this.#evictedCount += 1;
    }
    this.#notify();
  }

  /** The record at a position, if it is held. */
  at(position: number): StoredRecord | undefined {
    if (position < this.#first || position >= this.#next) return undefined;
    return this.#slots[position % this.#slots.length];
  }

  /** Position of the first record that arrived at `timestampMs` or later; the tip when there is none. O(log n). */
  positionAtTimestamp(timestampMs: number): number {
    let low = this.#first;
    let high = this.#next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle)!.arrivalTimestampMs < timestampMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Drop what arrived before `timestampMs`. */
  trimBefore(timestampMs: number): void {
    for (let oldest = this.at(this.#first); oldest; oldest = this.at(this.#first)) {
      if (oldest.arrivalTimestampMs >= timestampMs) return;
      this.#dropFirst();
    }
  }

  /** Take no more records. */
  close(): void {
    this.#closed = true;
    this.#notify();
  }

  /** Drop everything and close, for a stream that is deleted. */
  discard(): void {
    this.#slots = [];
    this.#first = this.#next;
    this.#sizeBytes = 0;
    this.close();
  }

  /** Call `watcher` after each append and on closing. @returns unsubscribe. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #dropFirst(): void {
    const slot = this.#first % this.#slots.length;
    const record = this.#slots[slot];
    if (record) this.#sizeBytes -= costBytes(record);
    this.#slots[slot] = undefined;
    this.#first += 1;
  }

  #grow(): void {
    const grown: (StoredRecord | undefined)[] = new Array(this.#slots.length * 2);
    for (let position = this.#first; position < this.#next; position += 1) {
      grown[position % grown.length] = this.#slots[position % this.#slots.length];
    }
    this.#slots = grown;
  }
}

function costBytes(record: StoredRecord): number {
  return record.data.length + record.partitionKey.length + recordOverheadBytes;
}

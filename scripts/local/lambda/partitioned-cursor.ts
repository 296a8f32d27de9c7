import { createHash } from "node:crypto";
import type { ShardCursor, StoredRecord } from "../kinesis/reader.ts";

/** Records read ahead for one partition at most; a partition that is full holds the others back. */
const maxReadAhead = 10_000;
const readSize = 1_000;

/**
 * Split a shard's cursor into `count` cursors, so that records of one partition key stay together and in order.
 *
 * Every record comes out of exactly one of them. This is Lambda's `ParallelizationFactor`.
 *
 * @param cursor - read by nobody else from now on.
 * @param count - 1 to 10.
 */
export function partitionCursor(cursor: ShardCursor, count: number): ShardCursor[] {
  if (count === 1) return [cursor];
  const queues: StoredRecord[][] = Array.from({ length: count }, () => []);
  /** Those who wait while a partition is full; a put wakes all others through the shard's own cursor. */
  const waiting = new Set<() => void>();
  let isEnded = false;

  const isBlocked = () => queues.some(({ length }) => length >= maxReadAhead);
  const readAhead = (wanted: StoredRecord[], wantedCount: number) => {
    while (!isEnded && wanted.length < wantedCount && !isBlocked()) {
      const { records, ended } = cursor.read(readSize);
      for (const record of records) queues[partitionOf(record.partitionKey, count)]!.push(record);
      isEnded = ended;
      if (records.length === 0) return;
    }
  };
  const unblocked = async (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => reject(signal.reason);
    waiting.add(resolve);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await promise;
    } finally {
      waiting.delete(resolve);
      signal.removeEventListener("abort", stop);
    }
  };

  return queues.map((queue) => ({
    read(maxRecords) {
      readAhead(queue, maxRecords);
      const wasBlocked = isBlocked();
      const records = queue.splice(0, maxRecords);
      if (wasBlocked && !isBlocked()) for (const wake of [...waiting]) wake();
      return { records, ended: isEnded && queue.length === 0 };
    },
    async waitForData(signal) {
      for (;;) {
        signal.throwIfAborted();
        readAhead(queue, 1);
        if (queue.length > 0 || isEnded) return;
        await (isBlocked() ? unblocked(signal) : cursor.waitForData(signal));
      }
    },
    millisBehindLatest() {
      const next = queue[0];
      return next === undefined
        ? cursor.millisBehindLatest()
        : Math.max(1, Date.now() - next.arrivalTimestampMs);
    },
  }));
}

function partitionOf(partitionKey: string, count: number): number {
  return createHash("md5").update(partitionKey).digest().readUInt32BE(0) % count;
}

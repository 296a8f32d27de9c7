import type { ShardCursor } from "./reader.ts";
import { type Shard, type Stream, trimHorizonMs } from "./stream.ts";

/**
 * A cursor from `position` on. When its records are trimmed before they are read, it goes on at the trim horizon.
 *
 * The stream's deletion ends the cursor: nothing more is read and `ended` is true.
 */
export function createShardCursor(
  stream: Stream,
  shard: Shard,
  position: number,
  clock: () => number,
): ShardCursor {
  const { log } = shard;
  let next = position;
  const settle = () => {
    log.trimBefore(trimHorizonMs(stream, clock()));
    next = Math.max(next, log.first);
  };
  const hasNews = () => next < log.next || log.closed;
  return {
    read(maxRecords) {
      settle();
      const records = [];
      for (let record = log.at(next); record && records.length < maxRecords; record = log.at(next)) {
        records.push(record);
        next += 1;
      }
      return { records, ended: log.closed && next >= log.next };
    },
    async waitForData(signal) {
      signal.throwIfAborted();
      settle();
      if (hasNews()) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = () => reject(signal.reason);
      const unwatch = log.watch(() => {
        if (hasNews()) resolve();
      });
      signal.addEventListener("abort", abort, { once: true });
      try {
        await promise;
      } finally {
        unwatch();
        signal.removeEventListener("abort", abort);
      }
    },
    millisBehindLatest() {
      settle();
      const unread = log.at(next);
      return unread ? Math.max(0, clock() - unread.arrivalTimestampMs) : 0;
    },
  };
}

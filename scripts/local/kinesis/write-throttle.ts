/** What one shard takes per second. @see Kinesis Data Streams quotas: 1,000 records/s and 1 MB/s of writes a shard */
export const shardRecordsPerSecond = 1000;
export const shardBytesPerSecond = 1024 * 1024;

/**
 * Make one shard's write limit: two buckets, full at first, that refill with time and hold one second's worth.
 *
 * @returns a function that takes a record of `sizeBytes` at `nowMs` out of them, or answers `false` and takes
 *   nothing. A record larger than a second's worth passes when the bucket is full, and the next ones wait.
 */
export function createWriteThrottle(): (sizeBytes: number, nowMs: number) => boolean {
  let records = shardRecordsPerSecond;
  let bytes = shardBytesPerSecond;
  let refilledAtMs = Number.NEGATIVE_INFINITY;
  return (sizeBytes, nowMs) => {
    const elapsedSeconds = Math.max(0, Math.min(1e6, (nowMs - refilledAtMs) / 1000));
    refilledAtMs = nowMs;
    records = Math.min(shardRecordsPerSecond, records + elapsedSeconds * shardRecordsPerSecond);
    bytes = Math.min(shardBytesPerSecond, bytes + elapsedSeconds * shardBytesPerSecond);
    if (records < 1 || bytes < Math.min(sizeBytes, shardBytesPerSecond)) return false;
    records -= 1;
    bytes -= sizeBytes;
    return true;
  };
}

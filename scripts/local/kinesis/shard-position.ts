import { AwsError } from "../aws-error.ts";
import { localAccount } from "../service.ts";
import type { ShardStart } from "./reader.ts";
import { endingCounter, safeParseSequenceNumber } from "./sequence-number.ts";
import type { Shard, Stream } from "./stream.ts";

/**
 * Turn a start into a position in the shard's log.
 *
 * @throws {AwsError} `InvalidArgumentException` when the sequence number is none of the shard's, or the timestamp is
 *   later than now.
 */
export function positionOfStart(stream: Stream, shard: Shard, start: ShardStart, nowMs: number): number {
  switch (start.type) {
    case "TRIM_HORIZON":
      return shard.log.first;
    case "LATEST":
      return shard.log.next;
    case "AT_TIMESTAMP":
      if (start.timestampMs > nowMs) {
        throw new AwsError(
          "InvalidArgumentException",
          `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${start.timestampMs}, currentTimestampInMillis: ${nowMs}`,
        );
      }
      return shard.log.positionAtTimestamp(start.timestampMs);
    case "AT_SEQUENCE_NUMBER":
      return Math.max(0, counterOf(stream, shard, start.sequenceNumber) - 1);
    case "AFTER_SEQUENCE_NUMBER":
      return counterOf(stream, shard, start.sequenceNumber);
  }
}

/** The shard's own count of the record with this number: 1 for the first, 0 for the shard's starting number. */
function counterOf(stream: Stream, shard: Shard, sequenceNumber: string): number {
  const parts = safeParseSequenceNumber(sequenceNumber);
  const isShards = parts?.shardCreatedSeconds === shard.createdSeconds && parts.shardIndex === shard.index;
  if (isShards && parts.counter === endingCounter && shard.log.closed) return shard.log.next + 1;
  if (isShards && parts.counter <= shard.log.next) {
    const counter = Number(parts.counter);
    const record = shard.log.at(counter - 1);
    if (record === undefined || record.sequenceNumber === sequenceNumber) return counter;
  }
  throw new AwsError(
    "InvalidArgumentException",
    `StartingSequenceNumber ${sequenceNumber} used in GetShardIterator on shard ${shard.id} in stream ${stream.name} under account ${localAccount} is invalid because it did not come from this stream.`,
  );
}

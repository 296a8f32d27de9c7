import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import type { KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamArnField } from "../parse-input.ts";
import type { StoredRecord } from "../reader.ts";
import { openShardIterator, sealShardIterator } from "../shard-iterator.ts";
import { type Shard, type Stream, trimStream } from "../stream.ts";

/** Limits of one call. @see GetRecords in the Kinesis API reference */
export const maxGetRecords = 10_000;
export const maxGetRecordsBytes = 10 * 1024 * 1024;

export function getRecords(context: KinesisContext, input: unknown): object {
  const request = parseInput(requestSchema, input);
  const { stream, shard, position } = openShardIterator(context, request.ShardIterator);
  if (request.StreamARN !== undefined && request.StreamARN !== stream.arn) {
    throw new AwsError("InvalidArgumentException", `the iterator is not one of ${request.StreamARN}`);
  }
  const nowMs = context.clock();
  trimStream(stream, nowMs);
  const start = Math.max(position, shard.log.first);
  const records = readRecords(shard, start, request.Limit);
  const end = start + records.length;
  const unread = shard.log.at(end);
  const ended = shard.log.closed && end >= shard.log.next;
  return {
    Records: records.map((record) => recordToWire(record, stream)),
    NextShardIterator: ended ? null : sealShardIterator(context, stream, shard, end),
    MillisBehindLatest: unread ? Math.max(0, nowMs - unread.arrivalTimestampMs) : 0,
    ...(ended && { ChildShards: childShards(stream, shard) }),
  };
}

const requestSchema = z.object({
  ShardIterator: z.string().min(1).max(512),
  Limit: z.int().min(1).max(maxGetRecords).default(maxGetRecords),
  StreamARN: streamArnField.optional(),
});

function readRecords(shard: Shard, start: number, maxRecords: number): StoredRecord[] {
  const records: StoredRecord[] = [];
  let sizeBytes = 0;
  for (let record = shard.log.at(start); record; record = shard.log.at(start + records.length)) {
    sizeBytes += record.data.length;
    if (records.length === maxRecords || (records.length > 0 && sizeBytes > maxGetRecordsBytes)) break;
    records.push(record);
  }
  return records;
}

function recordToWire(record: StoredRecord, stream: Stream): object {
  return {
    SequenceNumber: record.sequenceNumber,
    ApproximateArrivalTimestamp: record.arrivalTimestampMs / 1000,
    Data: record.data.toString("base64"),
    PartitionKey: record.partitionKey,
    ...(stream.encryptionKeyId !== undefined && { EncryptionType: "KMS" }),
  };
}

function childShards(stream: Stream, shard: Shard): object[] {
  return stream.shards
    .filter((child) => child.parentId === shard.id || child.adjacentParentId === shard.id)
    .map((child) => ({
      ShardId: child.id,
      ParentShards: [child.parentId, child.adjacentParentId].filter((id) => id !== undefined),
      HashKeyRange: {
        StartingHashKey: child.range.start.toString(),
        EndingHashKey: child.range.end.toString(),
      },
    }));
}

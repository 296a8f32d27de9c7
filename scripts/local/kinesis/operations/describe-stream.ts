import { z } from "zod";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, shardIdField, streamFields } from "../parse-input.ts";
import type { Stream } from "../stream.ts";
import { shardToWire } from "./list-shards.ts";

export function describeStream(context: KinesisContext, input: unknown): object {
  const request = parseInput(describeStreamSchema, input);
  const stream = findStream(context, request);
  const after = request.ExclusiveStartShardId;
  const shards = stream.shards.filter((shard) => after === undefined || shard.id > after);
  return {
    StreamDescription: {
      ...commonDescription(stream),
      Shards: shards.slice(0, request.Limit).map(shardToWire),
      HasMoreShards: shards.length > request.Limit,
    },
  };
}

const describeStreamSchema = z.object({
  ...streamFields,
  Limit: z.int().min(1).max(10_000).default(100),
  ExclusiveStartShardId: shardIdField.optional(),
});

export function describeStreamSummary(context: KinesisContext, input: unknown): object {
  const stream = findStream(context, parseInput(summarySchema, input));
  return {
    StreamDescriptionSummary: {
      ...commonDescription(stream),
      OpenShardCount: stream.openShards.length,
      ConsumerCount: stream.consumers.size,
      MaxRecordSizeInKiB: stream.maxRecordSizeKiB,
    },
  };
}

const summarySchema = z.object(streamFields);

/** The mode of a stream as the wire has it. */
export function streamModeDetails(stream: Stream): object {
  return { StreamMode: stream.onDemand ? "ON_DEMAND" : "PROVISIONED" };
}

function commonDescription(stream: Stream): object {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: "ACTIVE",
    StreamModeDetails: streamModeDetails(stream),
    StreamCreationTimestamp: stream.createdAtMs / 1000,
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: stream.encryptionKeyId === undefined ? "NONE" : "KMS",
    KeyId: stream.encryptionKeyId,
  };
}

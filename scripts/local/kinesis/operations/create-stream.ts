import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { localAccount, localRegion } from "../../service.ts";
import type { KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamNameField } from "../parse-input.ts";
import { openUniformShards } from "../resharding.ts";
import type { Stream } from "../stream.ts";
import { checkTagCount, tagsField } from "./tags.ts";

/** Shards of a new on-demand stream. @see "Choose the right mode" in the Kinesis developer guide */
export const onDemandShardCount = 4;
/** Most open shards of one stream; AWS's quota is per account and region, and adjustable. */
export const maxShardCount = 1000;
export const defaultMaxRecordSizeKiB = 1024;
export const defaultRetentionHours = 24;

export function createStream(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  const onDemand = request.StreamModeDetails?.StreamMode === "ON_DEMAND";
  if (onDemand && request.ShardCount !== undefined) {
    throw new AwsError(
      "InvalidArgumentException",
      `ShardCount ${request.ShardCount} given for an on-demand stream`,
    );
  }
  if (!onDemand && request.ShardCount === undefined) {
    throw new AwsError("InvalidArgumentException", "ShardCount must be given for a provisioned stream");
  }
  addStream(context, {
    streamName: request.StreamName,
    shardCount: request.ShardCount ?? onDemandShardCount,
    onDemand,
    retentionHours: defaultRetentionHours,
    maxRecordSizeKiB: request.MaxRecordSizeInKiB ?? defaultMaxRecordSizeKiB,
    encryptionKeyId: undefined,
    tags: request.Tags ?? {},
  });
}

/** Add a stream that is active at once. @throws {AwsError} `ResourceInUseException`, `LimitExceededException`. */
export function addStream(
  context: KinesisContext,
  settings: {
    readonly streamName: string;
    readonly shardCount: number;
    readonly onDemand: boolean;
    readonly retentionHours: number;
    readonly maxRecordSizeKiB: number;
    readonly encryptionKeyId: string | undefined;
    readonly tags: Readonly<Record<string, string>>;
  },
): Stream {
  const { streamName: name, shardCount } = settings;
  if (context.streams.has(name)) {
    throw new AwsError(
      "ResourceInUseException",
      `Stream ${name} under account ${localAccount} already exists.`,
    );
  }
  if (!Number.isInteger(shardCount) || shardCount < 1) {
    throw new AwsError(
      "InvalidArgumentException",
      `ShardCount ${shardCount}; expected a whole number from 1`,
    );
  }
  if (shardCount > maxShardCount) throw shardLimitError(shardCount);
  const nowMs = context.clock();
  const stream: Stream = {
    name,
    arn: `arn:aws:kinesis:${localRegion}:${localAccount}:stream/${name}`,
    generation: context.nextGeneration,
    createdAtMs: nowMs,
    maxShardBytes: context.maxShardBytes,
    throttle: context.throttle,
    onDemand: settings.onDemand,
    retentionHours: settings.retentionHours,
    maxRecordSizeKiB: settings.maxRecordSizeKiB,
    encryptionKeyId: settings.encryptionKeyId,
    tags: new Map(Object.entries(settings.tags)),
    consumers: new Map(),
    shards: [],
    openShards: [],
    nextShardIndex: 0,
    shardListeners: new Set(),
  };
  checkTagCount(stream.tags);
  openUniformShards(stream, shardCount, nowMs);
  context.nextGeneration += 1;
  context.streams.set(name, stream);
  return stream;
}

export function shardLimitError(shardCount: number): AwsError {
  return new AwsError(
    "LimitExceededException",
    `${shardCount} open shards asked for; the limit is ${maxShardCount} for one stream`,
  );
}

const requestSchema = z.object({
  StreamName: streamNameField,
  ShardCount: z.int().min(1).optional(),
  StreamModeDetails: z.object({ StreamMode: z.enum(["PROVISIONED", "ON_DEMAND"]) }).optional(),
  Tags: tagsField.optional(),
  MaxRecordSizeInKiB: z.int().min(1024).max(10_240).optional(),
});

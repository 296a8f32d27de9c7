import type { KinesisContext } from "./kinesis-context.ts";
import { createStream } from "./operations/create-stream.ts";
import { deleteStream } from "./operations/delete-stream.ts";
import { describeStream, describeStreamSummary } from "./operations/describe-stream.ts";
import { getRecords } from "./operations/get-records.ts";
import { getShardIterator } from "./operations/get-shard-iterator.ts";
import { listShards } from "./operations/list-shards.ts";
import { listStreams } from "./operations/list-streams.ts";
import { mergeShards } from "./operations/merge-shards.ts";
import { putRecord } from "./operations/put-record.ts";
import { putRecords } from "./operations/put-records.ts";
import {
  decreaseStreamRetentionPeriod,
  increaseStreamRetentionPeriod,
} from "./operations/retention-period.ts";
import { splitShard } from "./operations/split-shard.ts";
import {
  deregisterStreamConsumer,
  describeStreamConsumer,
  listStreamConsumers,
  registerStreamConsumer,
} from "./operations/stream-consumers.ts";
import { startStreamEncryption, stopStreamEncryption } from "./operations/stream-encryption.ts";
import { addTagsToStream, listTagsForStream } from "./operations/tags.ts";
import { updateShardCount } from "./operations/update-shard-count.ts";
import { updateStreamMode } from "./operations/update-stream-mode.ts";

/** One operation: checks its input, does all its work at once, answers what goes on the wire or throws `AwsError`. */
export type KinesisOperation = (context: KinesisContext, input: unknown) => object | undefined;

/** What is implemented, by its name on the wire. */
export const kinesisOperations: ReadonlyMap<string, KinesisOperation> = new Map<string, KinesisOperation>([
  ["AddTagsToStream", addTagsToStream],
  ["CreateStream", createStream],
  ["DecreaseStreamRetentionPeriod", decreaseStreamRetentionPeriod],
  ["DeleteStream", deleteStream],
  ["DeregisterStreamConsumer", deregisterStreamConsumer],
  ["DescribeStream", describeStream],
  ["DescribeStreamConsumer", describeStreamConsumer],
  ["DescribeStreamSummary", describeStreamSummary],
  ["GetRecords", getRecords],
  ["GetShardIterator", getShardIterator],
  ["IncreaseStreamRetentionPeriod", increaseStreamRetentionPeriod],
  ["ListShards", listShards],
  ["ListStreamConsumers", listStreamConsumers],
  ["ListStreams", listStreams],
  ["ListTagsForStream", listTagsForStream],
  ["MergeShards", mergeShards],
  ["PutRecord", putRecord],
  ["PutRecords", putRecords],
  ["RegisterStreamConsumer", registerStreamConsumer],
  ["SplitShard", splitShard],
  ["StartStreamEncryption", startStreamEncryption],
  ["StopStreamEncryption", stopStreamEncryption],
  ["UpdateShardCount", updateShardCount],
  ["UpdateStreamMode", updateStreamMode],
]);

import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findShard, findStream, type KinesisContext } from "../kinesis-context.ts";
import {
  parseInput,
  sequenceNumberField,
  shardIdField,
  streamFields,
  timestampField,
} from "../parse-input.ts";
import type { ShardStart } from "../reader.ts";
import { sealShardIterator } from "../shard-iterator.ts";
import { positionOfStart } from "../shard-position.ts";

export function getShardIterator(context: KinesisContext, input: unknown): object {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  const shard = findShard(stream, request.ShardId);
  const position = positionOfStart(stream, shard, shardStart(request), context.clock());
  return { ShardIterator: sealShardIterator(context, stream, shard, position) };
}

const requestSchema = z.object({
  ...streamFields,
  ShardId: shardIdField,
  ShardIteratorType: z.enum([
    "AT_SEQUENCE_NUMBER",
    "AFTER_SEQUENCE_NUMBER",
    "TRIM_HORIZON",
    "LATEST",
    "AT_TIMESTAMP",
  ]),
  StartingSequenceNumber: sequenceNumberField.optional(),
  Timestamp: timestampField.optional(),
});

function shardStart(request: z.output<typeof requestSchema>): ShardStart {
  const { ShardIteratorType: type, StartingSequenceNumber: sequenceNumber, Timestamp: timestampMs } = request;
  switch (type) {
    case "TRIM_HORIZON":
    case "LATEST":
      return { type };
    case "AT_TIMESTAMP":
      if (timestampMs === undefined) throw missing("Timestamp", type);
      return { type, timestampMs };
    case "AT_SEQUENCE_NUMBER":
    case "AFTER_SEQUENCE_NUMBER":
      if (sequenceNumber === undefined) throw missing("StartingSequenceNumber", type);
      return { type, sequenceNumber };
  }
}

function missing(field: string, type: string): AwsError {
  return new AwsError("InvalidArgumentException", `Must specify ${field} for ShardIteratorType ${type}.`);
}

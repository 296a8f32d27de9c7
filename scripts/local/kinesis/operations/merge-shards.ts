import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { localAccount } from "../../service.ts";
import { areAdjacent } from "../hash-key-range.ts";
import { announceShards, findShard, findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, shardIdField, streamFields } from "../parse-input.ts";
import { mergeAdjacentShards } from "../resharding.ts";
import type { Shard, Stream } from "../stream.ts";

export function mergeShards(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  requireProvisioned(stream, "MergeShards");
  const shard = findShard(stream, request.ShardToMerge);
  const adjacent = findShard(stream, request.AdjacentShardToMerge);
  requireOpen(stream, shard);
  requireOpen(stream, adjacent);
  if (!areAdjacent(shard.range, adjacent.range)) {
    throw new AwsError(
      "InvalidArgumentException",
      `Shards ${shard.id} and ${adjacent.id} in stream ${stream.name} under account ${localAccount} are not an adjacent pair of shards eligible for merging`,
    );
  }
  mergeAdjacentShards(stream, shard, adjacent, context.clock());
  announceShards(stream);
}

const requestSchema = z.object({
  ...streamFields,
  ShardToMerge: shardIdField,
  AdjacentShardToMerge: shardIdField,
});

/** @throws {AwsError} `ValidationException` for an on-demand stream, whose shards are not the user's to change. */
export function requireProvisioned(stream: Stream, operation: string): void {
  if (!stream.onDemand) return;
  throw new AwsError(
    "ValidationException",
    `${operation} is not supported for on-demand stream ${stream.name}; switch it by UpdateStreamMode`,
  );
}

/** @throws {AwsError} `InvalidArgumentException` for a closed shard. */
export function requireOpen(stream: Stream, shard: Shard): void {
  if (!shard.log.closed) return;
  throw new AwsError(
    "InvalidArgumentException",
    `Shard ${shard.id} in stream ${stream.name} under account ${localAccount} has already been merged or split, and thus is not eligible for merging or splitting.`,
  );
}

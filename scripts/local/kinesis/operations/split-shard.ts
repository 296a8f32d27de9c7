import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { localAccount } from "../../service.ts";
import { announceShards, findShard, findStream, type KinesisContext } from "../kinesis-context.ts";
import { hashKeyField, parseInput, shardIdField, streamFields } from "../parse-input.ts";
import { isSplitPoint, splitShardAt } from "../resharding.ts";
import { maxShardCount, shardLimitError } from "./create-stream.ts";
import { requireOpen, requireProvisioned } from "./merge-shards.ts";

export function splitShard(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  requireProvisioned(stream, "SplitShard");
  const shard = findShard(stream, request.ShardToSplit);
  requireOpen(stream, shard);
  const newStartingHashKey = BigInt(request.NewStartingHashKey);
  if (!isSplitPoint(shard, newStartingHashKey)) {
    throw new AwsError(
      "InvalidArgumentException",
      `NewStartingHashKey ${newStartingHashKey} used in SplitShard() on shard ${shard.id} in stream ${stream.name} under account ${localAccount} is not both greater than one plus the shard's StartingHashKey ${shard.range.start} and less than the shard's EndingHashKey ${shard.range.end}.`,
    );
  }
  const openCount = stream.openShards.length + 1;
  if (openCount > maxShardCount) throw shardLimitError(openCount);
  splitShardAt(stream, shard, newStartingHashKey, context.clock());
  announceShards(stream);
}

const requestSchema = z.object({
  ...streamFields,
  ShardToSplit: shardIdField,
  NewStartingHashKey: hashKeyField,
});

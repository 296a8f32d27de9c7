import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { announceShards, findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamFields } from "../parse-input.ts";
import { reshardUniformly } from "../resharding.ts";
import { maxShardCount, shardLimitError } from "./create-stream.ts";
import { requireProvisioned } from "./merge-shards.ts";

export function updateShardCount(context: KinesisContext, input: unknown): object {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  requireProvisioned(stream, "UpdateShardCount");
  const currentCount = stream.openShards.length;
  const targetCount = request.TargetShardCount;
  if (targetCount > currentCount * 2 || targetCount * 2 < currentCount) {
    throw new AwsError(
      "InvalidArgumentException",
      `UpdateShardCount can at most double or halve the open shards: TargetShardCount ${targetCount}, current ${currentCount}`,
    );
  }
  if (targetCount > maxShardCount) throw shardLimitError(targetCount);
  if (targetCount !== currentCount) {
    reshardUniformly(stream, targetCount, context.clock());
    announceShards(stream);
  }
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    CurrentShardCount: currentCount,
    TargetShardCount: targetCount,
  };
}

const requestSchema = z.object({
  ...streamFields,
  TargetShardCount: z.int().min(1),
  ScalingType: z.enum(["UNIFORM_SCALING"]),
});

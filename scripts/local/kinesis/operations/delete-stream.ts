import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamFields } from "../parse-input.ts";
import type { Stream } from "../stream.ts";

export function deleteStream(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  if (stream.consumers.size > 0 && !request.EnforceConsumerDeletion) {
    throw new AwsError(
      "ResourceInUseException",
      `Stream ${stream.name} has ${stream.consumers.size} registered consumers; deregister them or set EnforceConsumerDeletion`,
    );
  }
  removeStream(context, stream);
}

const requestSchema = z.object({ ...streamFields, EnforceConsumerDeletion: z.boolean().default(false) });

/** Remove a stream at once, with its records; open cursors end. */
export function removeStream(context: KinesisContext, stream: Stream): void {
  context.streams.delete(stream.name);
  stream.shardListeners.clear();
  for (const shard of stream.shards) shard.log.discard();
}

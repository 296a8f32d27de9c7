import { AwsError } from "../aws-error.ts";
import { localAccount } from "../service.ts";
import type { TokenSealer } from "./signed-token.ts";
import { type Shard, type Stream, trimStream } from "./stream.ts";

/** What every operation works on. */
export interface KinesisContext {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly tokens: TokenSealer;
  readonly streams: Map<string, Stream>;
  readonly maxShardBytes: number;
  readonly throttle: boolean;
  nextGeneration: number;
}

/**
 * Find a stream by name, by ARN, or by both when they agree, without what its retention has ended for.
 *
 * @throws {AwsError} `ResourceNotFoundException`, or `InvalidArgumentException` when neither is given or both differ.
 */
export function findStream(
  context: KinesisContext,
  reference: { readonly StreamName?: string | undefined; readonly StreamARN?: string | undefined },
): Stream {
  const { StreamName: name, StreamARN: arn } = reference;
  if (name === undefined && arn === undefined) {
    throw new AwsError("InvalidArgumentException", "StreamName or StreamARN must be given");
  }
  const stream = context.streams.get(name ?? arn!.slice(arn!.lastIndexOf("/") + 1));
  if (name !== undefined && arn !== undefined && !arn.endsWith(`:stream/${name}`)) {
    throw new AwsError(
      "InvalidArgumentException",
      `StreamName ${name} and StreamARN ${arn} name two streams`,
    );
  }
  if (stream === undefined || (arn !== undefined && stream.arn !== arn)) {
    throw new AwsError(
      "ResourceNotFoundException",
      `Stream ${arn ?? name} under account ${localAccount} not found.`,
    );
  }
  trimStream(stream, context.clock());
  return stream;
}

/** @throws {AwsError} `ResourceNotFoundException`. */
export function findShard(stream: Stream, shardId: string): Shard {
  const shard = stream.shards.find((candidate) => candidate.id === shardId);
  if (shard) return shard;
  throw new AwsError(
    "ResourceNotFoundException",
    `Could not find shard ${shardId} in stream ${stream.name} under account ${localAccount}.`,
  );
}

/** Tell the pollers that shards appeared or closed. */
export function announceShards(stream: Stream): void {
  for (const listener of [...stream.shardListeners]) listener();
}

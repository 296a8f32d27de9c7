import { AwsError } from "../aws-error.ts";
import type { KinesisContext } from "./kinesis-context.ts";
import type { Shard, Stream } from "./stream.ts";

/** How long an iterator can be used. @see GetShardIterator in the Kinesis API reference */
export const iteratorLifetimeMs = 300_000;

/** Make an iterator that points at `position` of the shard from now on. */
export function sealShardIterator(
  context: KinesisContext,
  stream: Stream,
  shard: Shard,
  position: number,
): string {
  return context.tokens.seal("iterator", [
    stream.name,
    stream.generation,
    shard.index,
    position,
    context.clock(),
  ]);
}

/**
 * Read an iterator.
 *
 * @throws {AwsError} `InvalidArgumentException` for a token not made here, `ExpiredIteratorException` after five
 *   minutes, `ResourceNotFoundException` when its stream or shard is gone.
 */
export function openShardIterator(
  context: KinesisContext,
  token: string,
): { readonly stream: Stream; readonly shard: Shard; readonly position: number } {
  const fields = context.tokens.open("iterator", token);
  if (!fields) throw new AwsError("InvalidArgumentException", "Invalid ShardIterator.");
  const [name, generation, index, position, issuedAtMs] = fields as [string, number, number, number, number];
  const nowMs = context.clock();
  if (nowMs - issuedAtMs > iteratorLifetimeMs) {
    throw new AwsError(
      "ExpiredIteratorException",
      `Iterator expired. The iterator was created at time ${new Date(issuedAtMs).toISOString()} while right now it is ${new Date(nowMs).toISOString()} which is further in the future than the tolerated delay of ${iteratorLifetimeMs} milliseconds.`,
    );
  }
  const stream = context.streams.get(name);
  const shard = stream?.shards.find((candidate) => candidate.index === index);
  if (stream?.generation !== generation || !shard) {
    throw new AwsError("ResourceNotFoundException", `Stream ${name} or the iterator's shard is not found.`);
  }
  return { stream, shard, position };
}

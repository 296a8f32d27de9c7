import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { nextTokenField, parseInput, shardIdField, streamFields, timestampField } from "../parse-input.ts";
import { type Shard, type Stream, trimHorizonMs } from "../stream.ts";

/** How long a token can be used. @see ListShards in the Kinesis API reference */
export const nextTokenLifetimeMs = 300_000;

export function listShards(context: KinesisContext, input: unknown): object {
  const request = parseInput(requestSchema, input);
  const { stream, after, filter } = request.NextToken
    ? resume(context, request.NextToken, request)
    : {
        stream: findStream(context, request),
        after: request.ExclusiveStartShardId,
        filter: request.ShardFilter,
      };
  const matches = shardMatcher(stream, filter, context.clock());
  const shards = stream.shards.filter((shard) => (after === undefined || shard.id > after) && matches(shard));
  const page = shards.slice(0, request.MaxResults);
  return {
    Shards: page.map(shardToWire),
    ...(shards.length > page.length && {
      NextToken: context.tokens.seal("shards", [
        stream.name,
        page.at(-1)!.id,
        JSON.stringify(filter ?? null),
        context.clock(),
      ]),
    }),
  };
}

/** A shard as the wire has it. */
export function shardToWire(shard: Shard): object {
  return {
    ShardId: shard.id,
    ParentShardId: shard.parentId,
    AdjacentParentShardId: shard.adjacentParentId,
    HashKeyRange: {
      StartingHashKey: shard.range.start.toString(),
      EndingHashKey: shard.range.end.toString(),
    },
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      EndingSequenceNumber: shard.endingSequenceNumber,
    },
  };
}

const filterSchema = z.object({
  Type: z.enum([
    "AFTER_SHARD_ID",
    "AT_TRIM_HORIZON",
    "FROM_TRIM_HORIZON",
    "AT_LATEST",
    "AT_TIMESTAMP",
    "FROM_TIMESTAMP",
  ]),
  ShardId: shardIdField.optional(),
  Timestamp: timestampField.optional(),
});

const requestSchema = z.object({
  ...streamFields,
  NextToken: nextTokenField.optional(),
  ExclusiveStartShardId: shardIdField.optional(),
  MaxResults: z.int().min(1).max(10_000).default(1000),
  // Distinguishes streams of one name in time; only the present one is known here.
  StreamCreationTimestamp: timestampField.optional(),
  ShardFilter: filterSchema.optional(),
});

type ShardFilter = z.output<typeof filterSchema>;

function resume(
  context: KinesisContext,
  token: string,
  request: z.output<typeof requestSchema>,
): { stream: Stream; after: string; filter: ShardFilter | undefined } {
  const others = ["StreamName", "StreamARN", "ExclusiveStartShardId", "ShardFilter"] as const;
  const given = others.filter((field) => request[field] !== undefined);
  if (given.length > 0) {
    throw new AwsError(
      "InvalidArgumentException",
      `NextToken and ${given.join(", ")} cannot be given together`,
    );
  }
  const fields = context.tokens.open("shards", token);
  if (!fields) throw new AwsError("InvalidArgumentException", "NextToken is invalid");
  const [name, after, filter, issuedAtMs] = fields as [string, string, string, number];
  if (context.clock() - issuedAtMs > nextTokenLifetimeMs) {
    throw new AwsError(
      "ExpiredNextTokenException",
      "NextToken expired after 300 seconds; list from the start",
    );
  }
  return {
    stream: findStream(context, { StreamName: name }),
    after,
    filter: JSON.parse(filter) ?? undefined,
  };
}

function shardMatcher(
  stream: Stream,
  filter: ShardFilter | undefined,
  nowMs: number,
): (shard: Shard) => boolean {
  const horizonMs = Math.max(trimHorizonMs(stream, nowMs), stream.createdAtMs);
  switch (filter?.Type) {
    case undefined:
    case "FROM_TRIM_HORIZON":
      return () => true;
    case "AFTER_SHARD_ID": {
      const after = required(filter, "ShardId");
      return (shard) => shard.id > after;
    }
    case "AT_LATEST":
      return (shard) => shard.closedAtMs === undefined;
    case "AT_TRIM_HORIZON":
      return (shard) => wasOpenAt(shard, horizonMs);
    case "AT_TIMESTAMP": {
      const timestampMs = required(filter, "Timestamp");
      return (shard) => wasOpenAt(shard, timestampMs);
    }
    case "FROM_TIMESTAMP": {
      const timestampMs = Math.max(required(filter, "Timestamp"), horizonMs);
      return (shard) => shard.closedAtMs === undefined || shard.closedAtMs >= timestampMs;
    }
  }
}

function wasOpenAt(shard: Shard, timestampMs: number): boolean {
  return (
    shard.createdAtMs <= timestampMs && (shard.closedAtMs === undefined || shard.closedAtMs >= timestampMs)
  );
}

function required<Field extends "ShardId" | "Timestamp">(
  filter: ShardFilter,
  field: Field,
): NonNullable<ShardFilter[Field]> {
  const value = filter[field];
  if (value !== undefined) return value;
  throw new AwsError("InvalidArgumentException", `ShardFilter of type ${filter.Type} needs ${field}`);
}

import { uniformHashKeyRanges } from "./hash-key-range.ts";
import { closeShard, openShard, type Shard, type Stream } from "./stream.ts";

/**
 * Close an open shard and open two children that share its hash keys.
 *
 * @param newStartingHashKey - first key of the upper child; inside the parent's range and above its start.
 */
export function splitShardAt(stream: Stream, parent: Shard, newStartingHashKey: bigint, nowMs: number): void {
  const { start, end } = parent.range;
  closeShard(stream, parent, nowMs);
  openShard(stream, { start, end: newStartingHashKey - 1n }, nowMs, [parent]);
  openShard(stream, { start: newStartingHashKey, end }, nowMs, [parent]);
}

/** Close two adjacent open shards and open one child over both their hash keys. */
export function mergeAdjacentShards(
  stream: Stream,
  parent: Shard,
  adjacentParent: Shard,
  nowMs: number,
): Shard {
  const lower = parent.range.start < adjacentParent.range.start ? parent : adjacentParent;
  const upper = lower === parent ? adjacentParent : parent;
  closeShard(stream, parent, nowMs);
  closeShard(stream, adjacentParent, nowMs);
  const range = { start: lower.range.start, end: upper.range.end };
  return openShard(stream, range, nowMs, [parent, adjacentParent]);
}

/**
 * Split and merge until the open shards are `targetCount` ranges of one size.
 *
 * Splits come first: every open shard is cut at each target boundary inside it, then what lies within one target
 * range is merged from left to right, so that every record's children are reachable by the parent links.
 */
export function reshardUniformly(stream: Stream, targetCount: number, nowMs: number): void {
  const targets = uniformHashKeyRanges(targetCount);
  for (const { start } of targets) {
    const cut = stream.openShards.find((shard) => shard.range.start < start && start <= shard.range.end);
    if (cut) splitShardAt(stream, cut, start, nowMs);
  }
  for (const target of targets) {
    const parts = stream.openShards.filter(
      ({ range }) => range.start >= target.start && range.end <= target.end,
    );
    parts.reduce((merged, part) => mergeAdjacentShards(stream, merged, part, nowMs));
  }
}

/** Open the first shards of a new stream. */
export function openUniformShards(stream: Stream, count: number, nowMs: number): void {
  for (const range of uniformHashKeyRanges(count)) openShard(stream, range, nowMs);
}

/** Whether `newStartingHashKey` may split a shard: above its start by more than one, and below its end. */
export function isSplitPoint(shard: Shard, newStartingHashKey: bigint): boolean {
  const { start, end } = shard.range;
  return newStartingHashKey > start + 1n && newStartingHashKey < end;
}

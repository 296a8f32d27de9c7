import type { Clocks } from "./shard-clock.ts";

/** The newest event times of the shards that still write, epoch milliseconds; -Infinity where a shard has none yet. */
export function writingShards(clocks: Clocks): ReadonlyMap<string, number> {
  const ended = new Set([...clocks.values()].flatMap(({ follows }) => follows));
  return new Map(
    [...clocks].flatMap(([shard, { newestMs = -Infinity }]) => (ended.has(shard) ? [] : [[shard, newestMs]])),
  );
}

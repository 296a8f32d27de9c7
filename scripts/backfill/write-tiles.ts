import { DependencyError } from "../../functions/core/errors.ts";
import type { ShardPart, ShardStateStore, StateWrite } from "../../functions/core/state/shard-state-store.ts";
import { decodeBlock } from "../../functions/core/views/block-body.ts";
import { Stat, tileStats } from "../../functions/core/views/tile.ts";
import { countTiles } from "../../functions/core/views/tile-set.ts";
import type { PastTiles } from "./past-tiles.ts";

/** What became of tiles; each block of a key counts once per shard. */
export interface WrittenTiles {
  written: number;
  /** Stood there already, as they are. */
  standing: number;
  /** Live events wrote more there. */
  left: number;
}

export interface WriteTilesOptions {
  /** Those of one partition key one after the other, ascending by sort key. */
  readonly tiles: Iterable<PastTiles>;
  readonly table: ShardStateStore;
  readonly onProgress?: (doneCount: number) => void;
  readonly signal?: AbortSignal;
}

/** Read and written at a time; the store bounds how many requests are under way at once. */
const batchLength = 512;
/** A write that meets another writer, or a busy table, is decided anew so often. */
const maxAttempts = 4;

/**
 * Write tiles of the past to the table that the stream function writes to, each on condition that nobody else does so
 * meanwhile. Writing them again changes nothing.
 *
 * A part with a lower mark is an earlier backfill's, or live and covered by ours, and gives way; one with a higher mark
 * stays. Of two with the same mark that of more events stays: a view that was new knows nothing of the time before.
 *
 * @throws {DependencyError} when tiles cannot be written; those before are.
 */
export async function writeTiles(options: WriteTilesOptions): Promise<WrittenTiles> {
  const { tiles, table, signal, onProgress } = options;
  const counts: WrittenTiles = { written: 0, standing: 0, left: 0 };
  let batch: PastTiles[] = [];
  for (const each of tiles) {
    batch.push(each);
    if (batch.length < batchLength) continue;
    await writeBatch(batch, table, counts);
    batch = [];
    onProgress?.(counts.written + counts.standing + counts.left);
    signal?.throwIfAborted();
  }
  await writeBatch(batch, table, counts);
  return counts;
}

async function writeBatch(
  batch: readonly PastTiles[],
  table: ShardStateStore,
  counts: WrittenTiles,
): Promise<void> {
  let open = batch;
  for (let attempt = 1; open.length > 0; attempt++) {
    const standing = await readStanding(open, table);
    const writes: StateWrite[] = [];
    const written: PastTiles[] = [];
    for (const [i, tiles] of open.entries()) {
      const decision = decide(tiles.part, standing[i]);
      if (decision !== "write") {
        counts[decision]++;
        continue;
      }
      writes.push({ ...tiles, expected: standing[i]?.mark });
      written.push(tiles);
    }
    const failed = await table.write(writes);
    counts.written += writes.length - failed.length;
    if (failed.length > 0 && attempt === maxAttempts) {
      throw new DependencyError(
        `tiles: ${failed.length} of ${writes.length} could not be written in ${maxAttempts} attempts; run the same backfill again, it goes on where this one ended`,
        {
          code: failed.some(({ reason }) => reason === "conflict")
            ? "dependency.conflict"
            : "dependency.throttled",
        },
      );
    }
    open = failed.map(({ index }) => written[index]!);
  }
}

/** One range per partition key: most keys have nothing there. @returns what stands in the place of each. */
async function readStanding(
  batch: readonly PastTiles[],
  table: ShardStateStore,
): Promise<readonly (ShardPart | undefined)[]> {
  const groups = [...Map.groupBy(batch, ({ partitionKey }) => partitionKey)];
  const found = await table.read(
    groups.map(([partitionKey, group]) => ({
      partitionKey,
      from: group[0]!.sortKey,
      to: group.at(-1)!.sortKey,
    })),
  );
  const byPartition = new Map(
    groups.map(([partitionKey], i) => [
      partitionKey,
      new Map(found[i]!.map(({ sortKey, parts }) => [sortKey, parts])),
    ]),
  );
  return batch.map(({ partitionKey, sortKey, shard }) =>
    byPartition.get(partitionKey)!.get(sortKey)?.get(shard),
  );
}

function decide(ours: ShardPart, standing: ShardPart | undefined): "write" | "standing" | "left" {
  if (standing === undefined || standing.mark < ours.mark) return "write";
  if (standing.mark > ours.mark) return "left";
  if (Buffer.compare(standing.body, ours.body) === 0) return "standing";
  return eventCount(standing.body) < eventCount(ours.body) ? "write" : "left";
}

function eventCount(body: Uint8Array): number {
  const { mask, stats } = decodeBlock(body);
  let count = 0;
  for (let tile = 1; tile <= countTiles(mask); tile++) count += stats[tile * tileStats + Stat.count]!;
  return count;
}

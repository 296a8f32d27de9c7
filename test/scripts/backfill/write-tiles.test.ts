import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import { markOf } from "../../../functions/core/state/mark.ts";
import type { ShardStateStore } from "../../../functions/core/state/shard-state-store.ts";
import { encodeBlock } from "../../../functions/core/views/block-body.ts";
import { addToSet, createTileSet } from "../../../functions/core/views/tile-set.ts";
import type { PastTiles } from "../../../scripts/backfill/past-tiles.ts";
import { writeTiles } from "../../../scripts/backfill/write-tiles.ts";

const shard = "shardId-000000000000";
const mark = (position: number) => markOf(String(position), 0);

/** A part of one block that so many events have gone into, the last of them at a position of the shard. */
function partOf(position: number, values: readonly number[]) {
  const tiles = createTileSet();
  for (const [i, value] of values.entries())
    addToSet(tiles, i, { value, hit: false, timeMs: 980_899_200_000 + i });
  return { mark: mark(position), body: encodeBlock(tiles) };
}

function tilesOf(key: string, position: number, values: readonly number[] = [1], sortKey = "0000980899200") {
  const past: PastTiles = {
    ...{ partitionKey: `m#view#0123456789abcdef#0#${key}`, sortKey, shard, expiresAt: 2_000_000_000 },
    part: partOf(position, values),
  };
  return past;
}

async function tableWith(...standing: readonly PastTiles[]): Promise<MemoryShardStateStore> {
  const table = new MemoryShardStateStore();
  await table.write(standing.map((each) => ({ ...each, expected: undefined })));
  return table;
}

function standingIn(table: MemoryShardStateStore): Record<string, unknown> {
  return Object.fromEntries(
    table.items.map(({ partitionKey, sortKey, parts }) => [
      `${partitionKey.split("#")[4]} ${sortKey}`,
      parts.get(shard),
    ]),
  );
}

describe("writeTiles", () => {
  it("writes what is not there, over what is older, and leaves what is newer", async () => {
    const table = await tableWith(tilesOf("older", 5), tilesOf("newer", 50));
    const counts = await writeTiles({
      tiles: [tilesOf("absent", 10), tilesOf("newer", 10), tilesOf("older", 10, [1, 2])],
      table,
    });
    expect(counts).toEqual({ written: 2, standing: 0, left: 1 });
    expect(standingIn(table)).toEqual({
      "older 0000980899200": partOf(10, [1, 2]),
      "newer 0000980899200": partOf(50, [1]),
      "absent 0000980899200": partOf(10, [1]),
    });
  });

  it("takes of two with the same mark the one that more events went into", async () => {
    const table = await tableWith(
      tilesOf("same", 10),
      tilesOf("fewer", 10, [9]),
      tilesOf("more", 10, [7, 8, 9]),
    );
    const counts = await writeTiles({
      tiles: [tilesOf("same", 10), tilesOf("fewer", 10, [8, 9]), tilesOf("more", 10, [8, 9])],
      table,
    });
    expect(counts).toEqual({ written: 1, standing: 1, left: 1 });
    expect(standingIn(table)).toMatchObject({
      "fewer 0000980899200": partOf(10, [8, 9]),
      "more 0000980899200": partOf(10, [7, 8, 9]),
    });
  });

  it("leaves other shards' parts and other blocks of the key as they are", async () => {
    const other = { ...tilesOf("a", 99), shard: "shardId-000000000001" };
    const later = tilesOf("a", 99, [1], "0000980902800");
    const table = await tableWith(other, later);
    const first = tilesOf("a", 10);
    const last = tilesOf("a", 11, [1], "0000980906400");
    expect(await writeTiles({ tiles: [first, last], table })).toEqual({ written: 2, standing: 0, left: 0 });
    const marks = table.items.map(({ parts }) => [...parts].map(([name, part]) => [name, part.mark]));
    expect(marks).toEqual([
      [
        [other.shard, mark(99)],
        [shard, mark(10)],
      ],
      [[shard, mark(99)]],
      [[shard, mark(11)]],
    ]);
  });

  it("decides anew where a live writer comes between", async () => {
    const table = await tableWith(tilesOf("a", 5));
    let isFirst = true;
    const meddled: ShardStateStore = {
      read: (ranges) => table.read(ranges),
      async write(writes) {
        if (isFirst) await table.write([{ ...tilesOf("a", 20), expected: mark(5) }]);
        isFirst = false;
        return await table.write(writes);
      },
    };
    const counts = await writeTiles({ tiles: [tilesOf("a", 10), tilesOf("b", 10)], table: meddled });
    expect(counts).toEqual({ written: 1, standing: 0, left: 1 });
    expect(standingIn(table)).toMatchObject({ "a 0000980899200": partOf(20, [1]) });
  });

  it("gives up on a table that takes nothing, and says that it can be run again", async () => {
    let attempts = 0;
    const table: ShardStateStore = {
      read: async (ranges) => ranges.map(() => []),
      async write(writes) {
        attempts++;
        return writes.slice(1).map((_, i) => ({ index: i + 1, reason: "unavailable" as const }));
      },
    };
    const writing = writeTiles({
      tiles: ["a", "b", "c", "d", "e", "f"].map((key) => tilesOf(key, 10)),
      table,
    });
    await expect(writing).rejects.toMatchObject({
      name: "DependencyError",
      message: expect.stringMatching(/run the same backfill again/),
    });
    expect(attempts).toBe(4);
  });

  it("writes thousands in batches, and stops between them when told to", async () => {
    const table = new MemoryShardStateStore();
    const tiles = Array.from({ length: 2000 }, (_, i) => tilesOf(`k${i}`, 10));
    const seen: number[] = [];
    expect(await writeTiles({ tiles, table, onProgress: (count) => seen.push(count) })).toEqual({
      written: 2000,
      standing: 0,
      left: 0,
    });
    expect(seen).toEqual([512, 1024, 1536]);
    const stopping = new AbortController();
    const writing = writeTiles({
      ...{ tiles, signal: stopping.signal },
      table: new MemoryShardStateStore(),
      onProgress: () => stopping.abort(new Error("interrupted")),
    });
    await expect(writing).rejects.toThrow("interrupted");
  });
});

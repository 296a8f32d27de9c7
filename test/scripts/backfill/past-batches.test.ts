import { describe, expect, it } from "vitest";
import type { PastEvent } from "../../../scripts/archive/archived-object.ts";
import { type PastBatchOptions, pastBatches } from "../../../scripts/backfill/past-batches.ts";

/** Shard, sequence number, sub-record index, arrival. */
type Given = readonly [shard: string, sequence: number, subIndex: number, arrivedAtMs: number];

async function* eventsOf(given: readonly Given[]): AsyncGenerator<PastEvent> {
  for (const [shard, sequence, subIndex, arrivedAtMs] of given) {
    yield {
      ...{ shard, subIndex, arrivedAtMs, partitionKey: `key-${sequence}` },
      sequenceNumber: String(sequence),
      data: Buffer.from(`${sequence}.${subIndex}`),
    };
  }
}

async function cut(given: readonly Given[], options?: PastBatchOptions) {
  const batches: { shard: string; records: string[] }[] = [];
  for await (const batch of pastBatches(eventsOf(given), options)) {
    const { shard, first, last } = batch.range;
    expect([first, last]).toEqual([0, -1].map((i) => batch.records.at(i)!.kinesis.sequenceNumber));
    batches.push({
      shard,
      records: batch.records.map(({ kinesis }, i) => {
        const parts = Object.entries(batch.partsOf(i)!).map(([at, part]) => `${at}:${part!.data}`);
        expect(batch.placeOf(i, 3)).toMatchObject({
          shard,
          sequenceNumber: kinesis.sequenceNumber,
          subIndex: 3,
        });
        return `${parts.join(" ")} @${Math.round(kinesis.approximateArrivalTimestamp * 1000)}`;
      }),
    });
  }
  return batches;
}

describe("pastBatches", () => {
  it("puts a record that was taken apart together again, each part where it stood", async () => {
    expect(
      await cut([
        ["a", 1, 0, 100],
        ["a", 2, 0, 101],
        ["a", 2, 1, 101],
        ["a", 2, 3, 101],
        ["a", 3, 2, 102],
      ]),
    ).toEqual([{ shard: "a", records: ["0:1.0 @100", "0:2.0 1:2.1 3:2.3 @101", "2:3.2 @102"] }]);
  });

  it("never cuts a record, and begins another batch when one is full", async () => {
    const given = Array.from({ length: 12 }, (_, i): Given => ["a", Math.floor(i / 3), i % 3, 0]);
    const batches = await cut(given, { maxEvents: 5 });
    expect(batches.map(({ records }) => records.length)).toEqual([2, 2]);
  });

  it("keeps one shard from running ahead of another, and lets one that is alone run on", async () => {
    const batches = await cut(
      [
        ["a", 1, 0, 0],
        ["a", 2, 0, 60_000],
        ["a", 3, 0, 120_000],
        ["b", 1, 0, 120_500],
        ["a", 4, 0, 120_900],
        ["a", 5, 0, 121_600],
        ["b", 2, 0, 121_700],
      ],
      { maxSkewMs: 1000 },
    );
    expect(batches.map(({ shard, records }) => [shard, records.length])).toEqual([
      ["a", 3],
      ["b", 1],
      ["a", 1],
      ["a", 1],
      ["b", 1],
    ]);
  });

  it("leaves out events of which nothing is left, and gives nothing for nothing", async () => {
    expect(await cut([])).toEqual([]);
    const withheld: PastEvent = {
      ...{ shard: "a", sequenceNumber: "1", subIndex: 0, arrivedAtMs: 0, partitionKey: "k" },
      withheld: { lengthBytes: 3, sha256: "0".repeat(64), reason: "damaged" },
    };
    const batches: unknown[] = [];
    for await (const batch of pastBatches(only(withheld))) batches.push(batch);
    expect(batches).toEqual([]);
  });
});

async function* only(event: PastEvent): AsyncGenerator<PastEvent> {
  yield event;
}

import fc from "fast-check";
import { expect, it } from "vitest";
import { maxHashKey } from "../../../../scripts/local/kinesis/hash-key-range.ts";
import type { Shard, Stream } from "../../../../scripts/local/kinesis/stream.ts";
import { memoryStream } from "./memory-stream.ts";

/** One step of a stream's life; `pick` chooses a shard, `ratio` a place within it. */
const stepArbitrary = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ put: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 }) }),
  },
  { weight: 1, arbitrary: fc.record({ split: fc.nat(), ratio: fc.integer({ min: 2, max: 98 }) }) },
  { weight: 1, arbitrary: fc.record({ merge: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ resize: fc.integer({ min: 50, max: 200 }) }) },
);

it("loses, doubles and reorders nothing through any puts, splits, merges and resizes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(stepArbitrary, { maxLength: 30 }),
      (shardCount, steps) => {
        const { stream, run } = memoryStream({ shardCount });
        const written = new Map<string, string[]>();
        let counter = 0;
        for (const step of steps) {
          if ("put" in step) {
            const Records = step.put.map((key) => {
              const text = String(counter++);
              written.set(`key-${key}`, [...(written.get(`key-${key}`) ?? []), text]);
              return { Data: Buffer.from(text).toString("base64"), PartitionKey: `key-${key}` };
            });
            run("PutRecords", { Records });
          } else if ("split" in step) {
            const shard = stream.openShards[step.split % stream.openShards.length]!;
            const width = shard.range.end - shard.range.start;
            const NewStartingHashKey = String(shard.range.start + (width * BigInt(step.ratio)) / 100n);
            if (width > 1000n) run("SplitShard", { ShardToSplit: shard.id, NewStartingHashKey });
          } else if ("merge" in step) {
            const index = step.merge % stream.openShards.length;
            const [shard, adjacent] = stream.openShards.slice(index, index + 2);
            if (adjacent) run("MergeShards", { ShardToMerge: adjacent.id, AdjacentShardToMerge: shard!.id });
          } else {
            const TargetShardCount = Math.max(1, Math.round((stream.openShards.length * step.resize) / 100));
            const halves = TargetShardCount * 2 >= stream.openShards.length;
            if (halves) run("UpdateShardCount", { TargetShardCount, ScalingType: "UNIFORM_SCALING" });
          }
          expectCovered(stream);
        }
        expect(readInLineageOrder(stream, run)).toEqual(written);
      },
    ),
    { numRuns: 100 },
  );
});

function expectCovered(stream: Stream): void {
  const { openShards } = stream;
  expect(openShards[0]!.range.start).toBe(0n);
  expect(openShards.at(-1)!.range.end).toBe(maxHashKey);
  for (const [index, shard] of openShards.slice(1).entries()) {
    expect(shard.range.start).toBe(openShards[index]!.range.end + 1n);
  }
  expect(stream.shards.filter((shard) => !shard.log.closed)).toHaveLength(openShards.length);
}

/** Reads as a consumer does: a shard only after its parents, each to its end; sequence numbers must rise per key. */
function readInLineageOrder(
  stream: Stream,
  run: (operation: string, input: object) => never,
): Map<string, string[]> {
  const read = new Map<string, string[]>();
  const lastNumber = new Map<string, string>();
  const pending = new Set(stream.shards);
  const isReady = (shard: Shard) =>
    [...pending].every(({ id }) => id !== shard.parentId && id !== shard.adjacentParentId);
  while (pending.size > 0) {
    const shard = [...pending].find(isReady)!;
    pending.delete(shard);
    let { ShardIterator: iterator }: { ShardIterator: string | null } = run("GetShardIterator", {
      ShardId: shard.id,
      ShardIteratorType: "TRIM_HORIZON",
    });
    while (iterator !== null) {
      const answer: {
        Records: { Data: string; PartitionKey: string; SequenceNumber: string }[];
        NextShardIterator: string | null;
        ChildShards?: { ShardId: string; ParentShards: string[] }[];
      } = run("GetRecords", { ShardIterator: iterator, Limit: 7 });
      for (const { Data, PartitionKey: key, SequenceNumber: number } of answer.Records) {
        read.set(key, [...(read.get(key) ?? []), Buffer.from(Data, "base64").toString()]);
        expect(number > (lastNumber.get(key) ?? "")).toBe(true);
        lastNumber.set(key, number);
      }
      if (answer.ChildShards) {
        const children = stream.shards.filter(
          (one) => one.parentId === shard.id || one.adjacentParentId === shard.id,
        );
        expect(answer.ChildShards.map((child) => child.ShardId)).toEqual(children.map((child) => child.id));
      }
      if (answer.Records.length === 0 && answer.NextShardIterator !== null) break;
      iterator = answer.NextShardIterator;
    }
  }
  return read;
}

import fc from "fast-check";
import { expect, it } from "vitest";
import { memoryStream } from "./memory-stream.ts";

const startMs = 1_700_000_000_000;
const retentionMs = 24 * 3_600_000;

it("starts every type of iterator where a plain array of the records would, trimmed or not", () => {
  const waits = fc.array(fc.oneof(fc.nat(3), fc.nat(retentionMs / 4)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      waits,
      fc.nat(retentionMs * 2),
      fc.integer({ min: 1, max: 9 }),
      (waitsMs, lastWaitMs, limit) => {
        const time = { nowMs: startMs };
        const { run } = memoryStream({ clock: () => time.nowMs });
        const written = waitsMs.map((waitMs) => {
          time.nowMs += waitMs;
          const { SequenceNumber: number }: { SequenceNumber: string } = run("PutRecord", {
            Data: "eA==",
            PartitionKey: "k",
          });
          return { number, arrivalMs: time.nowMs };
        });
        const read = (start: object): string[] => {
          const shard = { ShardId: "shardId-000000000000" };
          let { ShardIterator }: { ShardIterator: string } = run("GetShardIterator", { ...shard, ...start });
          const numbers: string[] = [];
          for (;;) {
            const answer: { Records: { SequenceNumber: string }[]; NextShardIterator: string } = run(
              "GetRecords",
              {
                ShardIterator,
                Limit: limit,
              },
            );
            if (answer.Records.length === 0) return numbers;
            numbers.push(...answer.Records.map((record) => record.SequenceNumber));
            ShardIterator = answer.NextShardIterator;
          }
        };
        time.nowMs += lastWaitMs;
        const held = written.filter(({ arrivalMs }) => arrivalMs >= time.nowMs - retentionMs);
        const numbersOf = (records: typeof held) => records.map(({ number }) => number);
        expect(read({ ShardIteratorType: "TRIM_HORIZON" })).toEqual(numbersOf(held));
        expect(read({ ShardIteratorType: "LATEST" })).toEqual([]);
        for (const { number: StartingSequenceNumber, arrivalMs } of written) {
          expect(read({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber })).toEqual(
            numbersOf(held.filter(({ number }) => BigInt(number) >= BigInt(StartingSequenceNumber))),
          );
          expect(read({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber })).toEqual(
            numbersOf(held.filter(({ number }) => BigInt(number) > BigInt(StartingSequenceNumber))),
          );
          expect(read({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: arrivalMs / 1000 })).toEqual(
            numbersOf(held.filter((record) => record.arrivalMs >= arrivalMs)),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});

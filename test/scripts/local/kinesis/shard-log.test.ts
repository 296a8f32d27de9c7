import fc from "fast-check";
import { expect, it } from "vitest";
import type { StoredRecord } from "../../../../scripts/local/kinesis/reader.ts";
import { recordOverheadBytes, ShardLog } from "../../../../scripts/local/kinesis/shard-log.ts";

const record = (arrivalTimestampMs: number, sizeBytes = 1): StoredRecord => ({
  sequenceNumber: "0",
  partitionKey: "k",
  data: Buffer.alloc(sizeBytes),
  arrivalTimestampMs,
});

/** What `ShardLog` must do, with a plain array. */
function modelOf(arrivals: readonly number[], first: number) {
  return { first, next: arrivals.length, held: arrivals.slice(first) };
}

it("holds what a plain array would, through any appends and trims", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ append: fc.integer({ min: 1, max: 200 }) }),
      fc.record({ trim: fc.integer({ min: 0, max: 30 }) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (actions) => {
      const log = new ShardLog(Number.MAX_SAFE_INTEGER);
      const arrivals: number[] = [];
      let first = 0;
      let nowMs = 0;
      for (const action of actions) {
        nowMs += 10;
        if ("append" in action) {
          for (let count = 0; count < action.append; count += 1) {
            log.append(record(nowMs));
            arrivals.push(nowMs);
          }
        } else {
          const horizonMs = nowMs - action.trim * 10;
          log.trimBefore(horizonMs);
          while (first < arrivals.length && arrivals[first]! < horizonMs) first += 1;
        }
        const held = Array.from({ length: log.next - log.first }, (_, index) => log.at(log.first + index));
        expect({
          first: log.first,
          next: log.next,
          held: held.map((one) => one?.arrivalTimestampMs),
        }).toEqual(modelOf(arrivals, first));
        expect([log.at(log.first - 1), log.at(log.next)]).toEqual([undefined, undefined]);
        const timestampMs = nowMs - 25;
        const expected = arrivals.findIndex((arrival, index) => index >= first && arrival >= timestampMs);
        expect(log.positionAtTimestamp(timestampMs)).toBe(expected < 0 ? arrivals.length : expected);
      }
      expect(log.sizeBytes).toBe((arrivals.length - first) * (2 + recordOverheadBytes));
    }),
    { numRuns: 50 },
  );
});

it("drops the oldest for room, and counts them", () => {
  const log = new ShardLog(3 * (101 + recordOverheadBytes));
  for (let index = 0; index < 5; index += 1) log.append(record(index, 100));
  expect([log.first, log.next, log.evictedCount]).toEqual([2, 5, 2]);
  expect(log.sizeBytes).toBeLessThanOrEqual(3 * (101 + recordOverheadBytes));
});

it("keeps its newest record even when that alone is too large", () => {
  const log = new ShardLog(10);
  log.append(record(0, 100));
  log.append(record(1, 100));
  expect([log.first, log.next]).toEqual([1, 2]);
});

import { describe, expect, it } from "vitest";
import type { Reject } from "../../../../functions/contract/reject.ts";
import type { RejectedBatch, RejectStore } from "../../../../functions/core/reject/reject-store.ts";

export interface RejectStoreUnderTest {
  readonly store: RejectStore;
  /** What every object holds, by its key. */
  objects(): Promise<ReadonlyMap<string, readonly Reject[]>>;
}

/** What every `RejectStore` does. @param make - an empty one, for one test. */
export function describeRejectStore(name: string, make: () => Promise<RejectStoreUnderTest>): void {
  describe(`${name} as a reject store`, () => {
    it("writes one object, named by what the batch covered", async () => {
      const { store, objects } = await make();
      await store.write(rejectedBatch(["4", "7"]));
      expect(await objects()).toEqual(
        new Map([["rejects/m/events/shardId-000000000001/3-9.ndjson.gz", [reject("4"), reject("7")]]]),
      );
    });

    it("writes the same object for a redelivered batch", async () => {
      const { store, objects } = await make();
      await store.write(rejectedBatch(["4"]));
      await store.write(rejectedBatch(["4"]));
      expect((await objects()).size).toBe(1);
    });

    it("writes nothing where nothing was rejected", async () => {
      const { store, objects } = await make();
      await store.write(rejectedBatch([]));
      expect((await objects()).size).toBe(0);
    });
  });
}

export function rejectedBatch(sequenceNumbers: readonly string[]): RejectedBatch {
  return {
    model: "m",
    stream: "events",
    shard: "shardId-000000000001",
    first: "3",
    last: "9",
    rejects: sequenceNumbers.map(reject),
  };
}

function reject(sequenceNumber: string): Reject {
  return {
    code: "input.range",
    message: 'feature "distance": got 1e9\nexpected 0 to 6000 – “too far”',
    model: "m",
    place: {
      stream: "arn:aws:kinesis:us-east-1:000000000000:stream/events",
      shard: "shardId-000000000001",
      sequenceNumber,
      subIndex: 0,
    },
    partitionKey: "ORD",
    arrivedAt: "2026-01-01T00:00:00.000Z",
    data: "AP8K",
  };
}

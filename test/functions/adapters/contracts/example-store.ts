import { describe, expect, it } from "vitest";
import type { EarlyOutcome, Example } from "../../../../functions/contract/example.ts";
import type { ExampleBatch, ExampleStore } from "../../../../functions/core/outcome/example-store.ts";

export interface ExampleStoreUnderTest {
  readonly store: ExampleStore;
  /** What every object holds, by its key. */
  objects(): Promise<ReadonlyMap<string, readonly (Example | EarlyOutcome)[]>>;
}

/** What every `ExampleStore` does. @param make - an empty one, for one test. */
export function describeExampleStore(name: string, make: () => Promise<ExampleStoreUnderTest>): void {
  describe(`${name} as an example store`, () => {
    it("writes an object per kind and hour of the outcomes, named by what the batch covered", async () => {
      const { store, objects } = await make();
      const batch = exampleBatch();
      await store.write(batch);
      expect(await objects()).toEqual(
        new Map([
          ["early/m/2001/01/31/09/shard-1-3-9.ndjson.gz", [batch.early[0]]],
          ["examples/m/2001/01/31/09/shard-1-3-9.ndjson.gz", [batch.examples[0], batch.examples[2]]],
          ["examples/m/2001/01/31/10/shard-1-3-9.ndjson.gz", [batch.examples[1]]],
        ]),
      );
    });

    it("writes the same objects for a redelivered batch", async () => {
      const { store, objects } = await make();
      await store.write(exampleBatch());
      const before = await objects();
      await store.write(exampleBatch());
      expect(await objects()).toEqual(before);
    });

    it("writes nothing where there is nothing", async () => {
      const { store, objects } = await make();
      await store.write({ ...exampleBatch(), examples: [], early: [] });
      expect((await objects()).size).toBe(0);
    });
  });
}

export function exampleBatch(): ExampleBatch {
  const outcomeTimes = ["2001-01-31T09:00:00.000Z", "2001-01-31T10:00:00.000Z", "2001-01-31T09:59:59.999Z"];
  return {
    ...{ model: "m", shard: "shard-1", first: "3", last: "9" },
    examples: outcomeTimes.map((outcomeTime, i) => ({
      predictionId: String(i),
      model: "m",
      digest: "d".repeat(64),
      role: "champion",
      eventId: "–“7”\n",
      eventTime: "2001-01-31T08:00:00.000Z",
      outputs: { probability: 0.25, state: "idle", scores: [1, 2] },
      outcomeTime,
      features: { distance: 0.10000000149011612, place: [1, -1] },
      label: 1,
    })),
    early: [{ model: "m", eventId: "8", outcomeTime: outcomeTimes[0]!, label: "worn" }],
  };
}

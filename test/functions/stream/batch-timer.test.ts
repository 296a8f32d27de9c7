import { describe, expect, it } from "vitest";
import { MemoryMetrics } from "../../../functions/adapters/memory/memory-metrics.ts";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { MemoryRejectStore } from "../../../functions/adapters/memory/memory-reject-store.ts";
import { createBatchTimer } from "../../../functions/stream/batch-timer.ts";
import { ask, setUp, tablePackage } from "./set-up.ts";

/** Only moves when it is told to. */
function stoppedClock() {
  let spentMs = 0;
  return {
    nowMs: () => spentMs,
    spend: (durationMs: number) => {
      spentMs += durationMs;
    },
  };
}

describe("the timing of a batch", () => {
  it("divides a batch by what it was spent on, in fractions of a millisecond", async () => {
    const { nowMs, spend } = stoppedClock();
    const metrics = new MemoryMetrics();
    const { deliver } = await setUp(tablePackage({ limits: { chunkRows: 2 } }), {
      metrics,
      timer: createBatchTimer({ metrics, now: () => 1_700_000_003_000, nowMs }),
      store: Object.assign(new MemoryPredictionStore(), { put: slowPut(3.25) }),
      rejects: Object.assign(new MemoryRejectStore(), {
        write: async () => {
          spend(0.5);
        },
      }),
    });
    // Two chunks, and one reject.
    await deliver([ask("a", 0), ask("b", 1), ask("c", "far"), ask("d", 2)]);
    const durations = ["WriteMs", "RejectMs", "DecodeMs", "ColdBatchDurationMs", "QueueMs"];
    expect(durations.map((name) => metrics.sum(name))).toEqual([6.5, 0.5, 0, 7, 2_013]);

    function slowPut(durationMs: number): MemoryPredictionStore["put"] {
      const store = new MemoryPredictionStore();
      return async (batch) => {
        spend(durationMs);
        return await store.put(batch);
      };
    }
  });

  it("takes the first batch of an environment for the cold one", async () => {
    const { deliver, metrics } = await setUp(tablePackage());
    await deliver([ask("a", 0)]);
    await deliver([ask("b", 0)], 1);
    await deliver([ask("c", 0)], 2);
    const count = (name: string) => metrics.recorded.filter((each) => each.name === name).length;
    expect(["ColdBatchDurationMs", "BatchDurationMs"].map(count)).toEqual([1, 2]);
  });

  it("never takes a record for younger than nothing where the clocks of two machines differ", () => {
    const metrics = new MemoryMetrics();
    createBatchTimer({ metrics, now: () => 1_000, nowMs: () => 0 }).start(1_250);
    expect(metrics.sum("QueueMs")).toBe(0);
  });

  it("says nothing of phases that a batch never came to", async () => {
    const { deliver, metrics } = await setUp(undefined);
    expect(await deliver([ask("a", 0)])).toEqual([0]);
    const names = metrics.recorded.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["QueueMs", "ColdBatchDurationMs"]));
    expect(names.filter((name) => /^(Decode|Write|Reject)Ms$/.test(name))).toEqual([]);
  });
});

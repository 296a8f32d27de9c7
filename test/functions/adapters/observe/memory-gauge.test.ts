import { describe, expect, it } from "vitest";
import { MemoryMetrics } from "../../../../functions/adapters/memory/memory-metrics.ts";
import {
  createMemoryGauge,
  type MemoryGaugeOptions,
} from "../../../../functions/adapters/observe/memory-gauge.ts";

const mib = 1024 * 1024;

function setUp(options: Partial<MemoryGaugeOptions> = {}) {
  const metrics = new MemoryMetrics();
  const clock = { nowMs: 0 };
  const gauge = createMemoryGauge({
    metrics,
    memoryMiB: 200,
    functionName: "f",
    nowMs: () => clock.nowMs,
    ...options,
  });
  return { metrics, clock, gauge };
}

describe("a memory gauge", () => {
  it("tells the share of the function's memory that its process uses, under the function's name", () => {
    const { metrics, gauge } = setUp({ usedBytes: () => 150 * mib });
    gauge.tell();
    expect(metrics.recorded).toEqual([
      { name: "MemoryUsedRatio", value: 0.75, unit: "None", dimensions: { Function: "f" } },
    ]);
  });

  it("tells it once in five seconds, however many batches end", () => {
    let usedMiB = 20;
    const { metrics, clock, gauge } = setUp({ usedBytes: () => usedMiB * mib });
    for (; clock.nowMs < 10_000; clock.nowMs += 100) gauge.tell();
    usedMiB = 180;
    gauge.tell();
    expect(metrics.recorded.map(({ value }) => value)).toEqual([0.1, 0.1, 0.9]);
  });

  it("reads this process where nothing else is given", () => {
    const { metrics, gauge } = setUp({ memoryMiB: 1_000_000 });
    gauge.tell();
    const [reading] = metrics.recorded;
    expect(reading!.value).toBeGreaterThan(0);
    expect(reading!.value).toBeLessThan(0.5);
  });
});

import { describe, expect, it } from "vitest";
import { type Datapoint, MetricStore } from "../../../../scripts/local/metrics/metric-store.ts";

function datapoint(
  values: number[],
  timestampMs: number,
  dimensions: Record<string, string> = {},
): Datapoint {
  return { namespace: "App", metric: "latency", unit: "Milliseconds", dimensions, values, timestampMs };
}
const latency = { namespace: "App", metric: "latency" };

describe("MetricStore", () => {
  it("sums, counts and takes nearest-rank percentiles over every matching series", () => {
    const store = new MetricStore();
    store.put(datapoint([10, 20], 1, { model: "a" }));
    store.put(datapoint([30, 40], 2, { model: "b" }));
    expect(store.sum(latency)).toBe(100);
    expect(store.count(latency)).toBe(4);
    // Nearest rank over 10, 20, 30, 40: ceil(0.5 * 4) = 2nd, ceil(0.99 * 4) = 4th.
    expect([0, 0.5, 0.99, 1].map((ratio) => store.percentile(latency, ratio))).toEqual([10, 20, 40, 40]);
    expect(store.sum({ ...latency, dimensions: { model: "b" } })).toBe(70);
    // As in CloudWatch, a series is found by all its dimensions or not at all.
    expect(store.sum({ ...latency, dimensions: {} })).toBe(0);
  });

  it("selects by time, from inclusive to exclusive", () => {
    const store = new MetricStore();
    for (const timestampMs of [1, 2, 3]) store.put(datapoint([timestampMs], timestampMs));
    expect(store.sum({ ...latency, fromMs: 2, untilMs: 3 })).toBe(2);
    expect(store.count({ ...latency, fromMs: 2 })).toBe(2);
  });

  it("gives the newest value, and of equally new ones the one put last", () => {
    const store = new MetricStore();
    for (const [value, timestampMs] of [
      [1, 5],
      [2, 9],
      [3, 9],
      [4, 7],
    ] as const) {
      store.put(datapoint([value], timestampMs));
    }
    expect(store.last(latency)).toBe(3);
  });

  it("has nothing to say about what it never saw", () => {
    const store = new MetricStore();
    expect(store.sum(latency)).toBe(0);
    expect(store.percentile(latency, 0.5)).toBeUndefined();
    expect(store.last(latency)).toBeUndefined();
  });

  it("stays bounded: newest values kept, totals exact, series written longest ago dropped", () => {
    const store = new MetricStore({ valuesPerSeries: 3, maxSeries: 2 });
    for (let value = 1; value <= 100; value += 1) store.put(datapoint([value], value));
    expect(store.sum(latency)).toBe(5050);
    expect(store.percentile(latency, 0)).toBe(98);
    store.put(datapoint([1], 1, { model: "a" }));
    store.put(datapoint([1], 1));
    store.put(datapoint([1], 1, { model: "b" }));
    expect(store.sum({ ...latency, dimensions: { model: "a" } })).toBe(0);
    expect(store.sum(latency)).toBe(5052);
  });

  it("lists its series by their names, and their samples in the order they were put", () => {
    const store = new MetricStore({ valuesPerSeries: 2 });
    store.put(datapoint([3, 1, 2], 5, { model: "a" }));
    store.put(datapoint([9], 7));
    expect(store.list()).toEqual([
      { ...latency, dimensions: { model: "a" } },
      { ...latency, dimensions: {} },
    ]);
    expect(store.samples({ ...latency, untilMs: 7 }).map(({ value }) => value)).toEqual([1, 2]);
  });

  it("refuses a percentile that is no ratio", () => {
    expect(() => new MetricStore().percentile(latency, 99)).toThrow("got ratio 99, expected 0 to 1");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EmfMetrics } from "../../../../functions/adapters/observe/emf-metrics.ts";

function gather(dimensions: Record<string, string> = { Stage: "dev", Model: "m" }) {
  const lines: string[] = [];
  const metrics = new EmfMetrics({
    dimensions,
    write: (line) => lines.push(line),
    now: () => 1_767_225_600_000,
  });
  return { lines, metrics, documents: () => lines.map((line) => JSON.parse(line)) };
}

describe("EmfMetrics", () => {
  it("writes one line per flush, as the specification lays it out", () => {
    const { lines, metrics, documents } = gather();
    metrics.add("Events", 7, "Count");
    metrics.add("RunMs", 1.5, "Milliseconds");
    metrics.flush();
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(documents()).toEqual([
      {
        _aws: {
          Timestamp: 1_767_225_600_000,
          CloudWatchMetrics: [
            {
              Namespace: "Headrace",
              Dimensions: [["Stage", "Model"]],
              Metrics: [
                { Name: "Events", Unit: "Count" },
                { Name: "RunMs", Unit: "Milliseconds" },
              ],
            },
          ],
        },
        Stage: "dev",
        Model: "m",
        Events: 7,
        RunMs: 1.5,
      },
    ]);
  });

  it("says which metrics are kept by the second, and of no other", () => {
    const lines: string[] = [];
    const metrics = new EmfMetrics({
      dimensions: { Stage: "dev" },
      highResolution: ["Fast"],
      write: (line) => lines.push(line),
    });
    for (const name of ["Fast", "Slow"]) metrics.add(name, 1, "Count");
    metrics.flush();
    expect(JSON.parse(lines[0]!)._aws.CloudWatchMetrics[0].Metrics).toEqual([
      { Name: "Fast", Unit: "Count", StorageResolution: 1 },
      { Name: "Slow", Unit: "Count" },
    ]);
  });

  it("sums counts and keeps every other value", () => {
    const { metrics, documents } = gather();
    for (const value of [1, 2, 3]) {
      metrics.add("Events", value, "Count");
      metrics.add("RunMs", value, "Milliseconds");
    }
    metrics.flush();
    expect(documents()).toMatchObject([{ Events: 6, RunMs: [1, 2, 3] }]);
  });

  it("writes a line of its own for each set of dimensions, in whatever order they are named", () => {
    const { metrics, documents } = gather();
    metrics.add("Rejected", 1, "Count", { Reason: "input.range", Shard: "1" });
    metrics.add("Rejected", 1, "Count", { Shard: "1", Reason: "input.range" });
    metrics.add("Rejected", 1, "Count", { Reason: "input.type" });
    metrics.flush();
    expect(documents()).toMatchObject([
      { Stage: "dev", Model: "m", Reason: "input.range", Shard: "1", Rejected: 2 },
      { Stage: "dev", Model: "m", Reason: "input.type", Rejected: 1 },
    ]);
    expect(documents()[1]._aws.CloudWatchMetrics[0].Dimensions).toEqual([["Stage", "Model", "Reason"]]);
  });

  it("forgets what it wrote, and writes nothing when there is nothing", () => {
    const { lines, metrics } = gather();
    metrics.flush();
    metrics.add("Events", 1, "Count");
    metrics.flush();
    metrics.flush();
    expect(lines).toHaveLength(1);
  });

  it("leaves out what is no finite number", () => {
    const { lines, metrics } = gather();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) metrics.add("RunMs", value, "Milliseconds");
    metrics.flush();
    expect(lines).toEqual([]);
  });

  it("writes every value once, at most 100 of a metric and 100 metrics per line", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(350), { maxLength: 8 }), fc.nat(220), (counts, singles) => {
        const { metrics, documents } = gather();
        const expected = new Map<string, number[]>();
        const add = (name: string, count: number) => {
          for (let i = 0; i < count; i++) metrics.add(name, i, "Milliseconds");
          if (count > 0) expected.set(name, [...Array(count).keys()]);
        };
        counts.forEach((count, i) => {
          add(`Many${i}`, count);
        });
        for (let i = 0; i < singles; i++) add(`One${i}`, 1);
        metrics.flush();
        const got = new Map<string, number[]>();
        for (const document of documents()) {
          const names: string[] = document._aws.CloudWatchMetrics[0].Metrics.map(
            (metric: { Name: string }) => metric.Name,
          );
          expect(names.length).toBeLessThanOrEqual(100);
          for (const name of names) {
            const values = [document[name]].flat();
            expect(values.length).toBeLessThanOrEqual(100);
            got.set(name, [...(got.get(name) ?? []), ...values]);
          }
        }
        expect(got).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

import { expect, it } from "vitest";
import { MemoryMetrics } from "../../../../functions/adapters/memory/memory-metrics.ts";

it("sums a metric over all or over the dimensions asked for", () => {
  const metrics = new MemoryMetrics();
  metrics.add("Rejected", 2, "Count", { Reason: "input.range" });
  metrics.add("Rejected", 3, "Count", { Reason: "input.type" });
  metrics.add("Events", 9, "Count");
  expect(metrics.sum("Rejected")).toBe(5);
  expect(metrics.sum("Rejected", { Reason: "input.type" })).toBe(3);
  expect(metrics.sum("Nothing")).toBe(0);
});

import type { Stage } from "./stage.ts";

/** The sum of one of a model's own metrics, by what its function wrote so far. */
export function sumOf(stage: Stage, model: string, metric: string): number {
  return stage.cloud.metrics.sum({
    namespace: "Headrace",
    metric,
    dimensions: { Stage: "dev", Model: model },
  });
}

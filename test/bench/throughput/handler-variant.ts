import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { MemoryPredictionStream } from "../../../functions/adapters/memory/memory-prediction-stream.ts";
import { MemoryRejectStore } from "../../../functions/adapters/memory/memory-reject-store.ts";
import { createBatchTimer } from "../../../functions/stream/batch-timer.ts";
import { processBatch } from "../../../functions/stream/process-batch.ts";
import { memoryModel } from "./memory-model.ts";
import type { Variant } from "./variant.ts";
import type { Workload } from "./workload.ts";

/** The stream function's use case on ports in memory, wired as it is deployed, result cache included. */
export async function handlerVariant(name: string, workload: Workload): Promise<Variant> {
  const { model, champion, loader, metrics, release } = await memoryModel(workload);
  const predictions = new MemoryPredictionStream();
  const rejects = new MemoryRejectStore();
  const deps = {
    model,
    champion,
    loader,
    store: new MemoryPredictionStore(),
    predictions,
    rejects,
    metrics,
    logger: new MemoryLogger(),
    timer: createBatchTimer({ metrics, now: Date.now, nowMs: () => performance.now() }),
    stateOf: () => undefined,
    keepSeconds: 86_400,
    now: Date.now,
  };
  return {
    name,
    async run(event) {
      const { batchItemFailures } = await processBatch(event, deps);
      if (batchItemFailures.length > 0) throw new Error(`${name}: got a failed batch: ${lastLine()}`);
    },
    takeScores() {
      if (rejects.objects.size > 0) throw new Error(`${name}: got rejects: ${rejects.rejects[0]?.message}`);
      metrics.recorded.length = 0;
      return predictions.records.splice(0).map(({ body }) => scoreOf(body, workload.output));
    },
    release,
  };

  function lastLine(): string {
    return String(deps.logger.lines.at(-1)?.fields.error);
  }
}

export function scoreOf(body: string, output: string): number {
  return (JSON.parse(body) as { outputs: Record<string, number> }).outputs[output] ?? Number.NaN;
}

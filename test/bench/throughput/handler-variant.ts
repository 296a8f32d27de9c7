import { LruResultCache } from "../../../functions/adapters/lru/lru-result-cache.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../functions/adapters/memory/memory-metrics.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { MemoryPredictionStream } from "../../../functions/adapters/memory/memory-prediction-stream.ts";
import { MemoryRejectStore } from "../../../functions/adapters/memory/memory-reject-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { createModelLoader } from "../../../functions/core/inference/model-loader.ts";
import { createChampionReader } from "../../../functions/core/rollout/champion.ts";
import { createBatchTimer } from "../../../functions/stream/batch-timer.ts";
import { processBatch } from "../../../functions/stream/process-batch.ts";
import type { Variant } from "./variant.ts";
import type { Workload } from "./workload.ts";

/** Gives the one core that every variant has. */
const memoryMiB = 1_769;

/** The stream function's use case on ports in memory, wired as it is deployed, result cache included. */
export async function handlerVariant(name: string, workload: Workload): Promise<Variant> {
  const model = workload.name;
  const packages = new MemoryPackageStore();
  const ledger = new MemoryLedger();
  const digest = await packages.write(model, workload.files);
  await ledger.append({
    model,
    revision: 1,
    at: new Date(0).toISOString(),
    by: "bench",
    why: "bench",
    change: { kind: "publish", digest, sourceDigest: digest, alias: "champion" },
    aliases: { champion: { digest } },
  });
  const metrics = new MemoryMetrics();
  const predictions = new MemoryPredictionStream();
  const rejects = new MemoryRejectStore();
  const loader = createModelLoader(model, packages, {
    engine: createOrtEngine({ memoryMiB }),
    makeCache: (memoryBytes) => new LruResultCache(memoryBytes),
    nowMs: () => performance.now(),
    onRun: (_, durationMs) => metrics.add("RunDurationMs", durationMs, "Milliseconds"),
  });
  const deps = {
    model,
    champion: createChampionReader({ model, ledger, nowMs: Date.now }),
    loader,
    store: new MemoryPredictionStore(),
    predictions,
    rejects,
    metrics,
    logger: new MemoryLogger(),
    timer: createBatchTimer({ metrics, now: Date.now, nowMs: () => performance.now() }),
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
    release: async () => (await loader.load(digest)).session.release(),
  };

  function lastLine(): string {
    return String(deps.logger.lines.at(-1)?.fields.error);
  }
}

export function scoreOf(body: string, output: string): number {
  return (JSON.parse(body) as { outputs: Record<string, number> }).outputs[output] ?? Number.NaN;
}

import { LruResultCache } from "../../../functions/adapters/lru/lru-result-cache.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../functions/adapters/memory/memory-metrics.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { createModelLoader } from "../../../functions/core/inference/model-loader.ts";
import { createChampionReader } from "../../../functions/core/rollout/champion.ts";
import { createModelVersions } from "../../../functions/core/rollout/model-versions.ts";
import { createRoleReader } from "../../../functions/core/rollout/serving-roles.ts";
import type { Workload } from "./workload.ts";

/** Gives the one core that every variant has. */
const memoryMiB = 1_769;

/** A workload's model, published in memory and loaded as the functions load it: ONNX Runtime, result cache, metrics. */
export async function memoryModel({ name: model, files }: Pick<Workload, "name" | "files">) {
  const packages = new MemoryPackageStore();
  const ledger = new MemoryLedger();
  const digest = await packages.write(model, files);
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
  const loader = createModelLoader(model, packages, {
    engine: createOrtEngine({ memoryMiB }),
    makeCache: (memoryBytes) => new LruResultCache(memoryBytes),
    nowMs: () => performance.now(),
    onRun: (_, durationMs) => metrics.add("RunDurationMs", durationMs, "Milliseconds"),
  });
  return {
    model,
    champion: createChampionReader({ model, ledger, nowMs: Date.now }),
    roles: createRoleReader({
      ...{ model, ledger, loader, metrics, logger: new MemoryLogger(), nowMs: Date.now },
    }),
    versions: createModelVersions({ model, ledger, nowMs: Date.now }),
    loader,
    metrics,
    release: async () => (await loader.load(digest)).session.release(),
  };
}

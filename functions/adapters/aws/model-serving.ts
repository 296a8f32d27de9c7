import type { ModelEnv } from "../../contract/env.ts";
import { highResolutionMetrics } from "../../contract/high-resolution.ts";
import { createModelLoader } from "../../core/inference/model-loader.ts";
import { createSketches } from "../../core/monitor/create-sketches.ts";
import { createBreaker } from "../../core/rollout/breaker.ts";
import { createChampionReader } from "../../core/rollout/champion.ts";
import { createRoleReader } from "../../core/rollout/serving-roles.ts";
import { functionBundlePath, functionLogLevel, functionName, requiredMemoryMiB } from "../env.ts";
import { LruResultCache } from "../lru/lru-result-cache.ts";
import { EmfMetrics } from "../observe/emf-metrics.ts";
import { JsonLogger } from "../observe/json-logger.ts";
import { createMemoryGauge } from "../observe/memory-gauge.ts";
import { createSourceStack } from "../observe/source-stack.ts";
import { createOrtEngine } from "../onnx/ort-engine.ts";
import { objectClient, tableClient } from "./clients.ts";
import { DynamoLedger } from "./dynamo-ledger.ts";
import { DynamoPredictionStore } from "./dynamo-prediction-store.ts";
import { DynamoShardStateStore } from "./dynamo-shard-state-store.ts";
import { createDynamoSharedTiers } from "./dynamo-shared-tiers.ts";
import { environmentAccess } from "./environment-access.ts";
import { S3ConcealerKeys } from "./s3-concealer-keys.ts";
import { S3PackageStore } from "./s3-package-store.ts";

const secondsPerDay = 86_400;

/**
 * What every function that serves one model leans on, however its events come.
 *
 * @throws {ConfigError} `config.env` outside Lambda, where a function's memory is not known.
 */
export function createModelServing(env: ModelEnv) {
  const memoryMiB = requiredMemoryMiB();
  const model = env.HEADRACE_MODEL;
  const access = environmentAccess();
  const dynamo = tableClient(access);
  const objects = objectClient(access);
  const logger = new JsonLogger({
    level: functionLogLevel(),
    sourceStack: createSourceStack(functionBundlePath()),
    fields: { model },
  });
  const metrics = new EmfMetrics({
    dimensions: { Stage: env.HEADRACE_STAGE, Model: model },
    highResolution: highResolutionMetrics,
  });
  const ledger = new DynamoLedger({ client: dynamo, table: env.HEADRACE_LEDGER_TABLE });
  const packages = new S3PackageStore({ client: objects, bucket: env.HEADRACE_MODELS_BUCKET });
  const nowMs = () => performance.now();
  const loader = createModelLoader(model, packages, {
    engine: createOrtEngine({ memoryMiB }),
    makeCache: (memoryBytes) => new LruResultCache(memoryBytes),
    makeShared: createDynamoSharedTiers({
      client: dynamo,
      table: env.HEADRACE_CACHE_TABLE,
      ...{ model, metrics, logger },
    }),
    concealerKeys: new S3ConcealerKeys({ client: objects, bucket: env.HEADRACE_MODELS_BUCKET }),
    nowMs,
    onRun: (_, durationMs) => metrics.add("RunDurationMs", durationMs, "Milliseconds"),
  });
  const deps = {
    ...{ model, logger, metrics, loader },
    champion: createChampionReader({ model, ledger, nowMs: Date.now }),
    roles: createRoleReader({ ...{ model, ledger, loader, metrics, logger }, nowMs: Date.now }),
    breaker: createBreaker({ nowMs }),
    memory: createMemoryGauge({ metrics, memoryMiB, functionName: functionName(), nowMs }),
    store: new DynamoPredictionStore({ client: dynamo, table: env.HEADRACE_PREDICTIONS_TABLE, logger }),
    keepSeconds: Number(env.HEADRACE_PREDICTION_DAYS) * secondsPerDay,
    now: Date.now,
  };
  const state = (table: string) =>
    new DynamoShardStateStore({
      client: dynamo,
      table,
      logger,
      onUnits(read, write) {
        metrics.add("StateReadUnits", read, "Count");
        metrics.add("StateWriteUnits", write, "Count");
      },
    });
  const sketches = createSketches({
    store: state(env.HEADRACE_SKETCHES_TABLE),
    ...{ model, metrics, logger, nowMs, now: Date.now },
  });
  return {
    deps: { ...deps, sketches },
    tiles: state(env.HEADRACE_TILES_TABLE),
    ...{ state, access, dynamo, ledger, objects, nowMs },
  };
}

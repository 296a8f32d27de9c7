import { dynamoClient, objectClient } from "../adapters/aws/clients.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { DynamoPredictionStore } from "../adapters/aws/dynamo-prediction-store.ts";
import { createDynamoSharedTiers } from "../adapters/aws/dynamo-shared-tiers.ts";
import { S3PackageStore } from "../adapters/aws/s3-package-store.ts";
import { functionBundlePath, functionLogLevel, functionMemoryMiB, readEnv } from "../adapters/env.ts";
import { LruResultCache } from "../adapters/lru/lru-result-cache.ts";
import { EmfMetrics } from "../adapters/observe/emf-metrics.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { createOrtEngine } from "../adapters/onnx/ort-engine.ts";
import { predictEnv } from "../contract/env.ts";
import { ConfigError } from "../core/errors.ts";
import { createModelLoader } from "../core/inference/model-loader.ts";
import { createChampionReader } from "../core/rollout/champion.ts";
import { createModelVersions } from "../core/rollout/model-versions.ts";
import type { PredictDeps } from "./deps.ts";

const secondsPerDay = 86_400;

/**
 * Everything the predict function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createPredictDeps(): PredictDeps {
  const env = readEnv(predictEnv);
  const memoryMiB = functionMemoryMiB();
  if (memoryMiB === undefined) {
    throw new ConfigError(
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE: not set, expected the function's memory in MiB; run it in Lambda or the embedded cloud",
      { code: "config.env" },
    );
  }
  const model = env.HEADRACE_MODEL;
  const dynamo = dynamoClient();
  const logger = new JsonLogger({
    level: functionLogLevel(),
    sourceStack: createSourceStack(functionBundlePath()),
    fields: { model },
  });
  const metrics = new EmfMetrics({ dimensions: { Stage: env.HEADRACE_STAGE, Model: model } });
  const ledger = new DynamoLedger({ client: dynamo, table: env.HEADRACE_LEDGER_TABLE });
  const packages = new S3PackageStore({ client: objectClient(dynamo), bucket: env.HEADRACE_MODELS_BUCKET });
  const nowMs = () => performance.now();
  return {
    model,
    logger,
    metrics,
    champion: createChampionReader({ model, ledger, nowMs: Date.now }),
    versions: createModelVersions({ model, ledger, nowMs: Date.now }),
    loader: createModelLoader(model, packages, {
      engine: createOrtEngine({ memoryMiB }),
      makeCache: (memoryBytes) => new LruResultCache(memoryBytes),
      makeShared: createDynamoSharedTiers({
        client: dynamo,
        table: env.HEADRACE_CACHE_TABLE,
        ...{ model, metrics, logger },
      }),
      nowMs,
      onRun: (_, durationMs) => metrics.add("RunDurationMs", durationMs, "Milliseconds"),
    }),
    store: new DynamoPredictionStore({ client: dynamo, table: env.HEADRACE_PREDICTIONS_TABLE, logger }),
    keepSeconds: Number(env.HEADRACE_PREDICTION_DAYS) * secondsPerDay,
    corsOrigins: env.HEADRACE_CORS_ORIGINS?.split(",") ?? [],
    now: Date.now,
    nowMs,
  };
}

import { dynamoClient, kinesisClient, objectClient } from "../adapters/aws/clients.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { DynamoPredictionStore } from "../adapters/aws/dynamo-prediction-store.ts";
import { createDynamoSharedTiers } from "../adapters/aws/dynamo-shared-tiers.ts";
import { KinesisPredictionStream } from "../adapters/aws/kinesis-prediction-stream.ts";
import { S3PackageStore } from "../adapters/aws/s3-package-store.ts";
import { S3RejectStore } from "../adapters/aws/s3-reject-store.ts";
import { functionBundlePath, functionLogLevel, functionMemoryMiB, readEnv } from "../adapters/env.ts";
import { LruResultCache } from "../adapters/lru/lru-result-cache.ts";
import { EmfMetrics } from "../adapters/observe/emf-metrics.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { createOrtEngine } from "../adapters/onnx/ort-engine.ts";
import { streamEnv } from "../contract/env.ts";
import { ConfigError } from "../core/errors.ts";
import { createModelLoader } from "../core/inference/model-loader.ts";
import { createChampionReader } from "../core/rollout/champion.ts";
import { createBatchTimer } from "./batch-timer.ts";
import type { StreamDeps } from "./deps.ts";

const secondsPerDay = 86_400;

/**
 * Everything the stream function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createStreamDeps(): StreamDeps {
  const env = readEnv(streamEnv);
  const memoryMiB = functionMemoryMiB();
  if (memoryMiB === undefined) {
    throw new ConfigError(
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE: not set, expected the function's memory in MiB; run it in Lambda or the embedded cloud",
      {
        code: "config.env",
      },
    );
  }
  const model = env.HEADRACE_MODEL;
  const dynamo = dynamoClient();
  const s3 = objectClient(dynamo);
  const logger = new JsonLogger({
    level: functionLogLevel(),
    sourceStack: createSourceStack(functionBundlePath()),
    fields: { model },
  });
  const metrics = new EmfMetrics({ dimensions: { Stage: env.HEADRACE_STAGE, Model: model } });
  return {
    model,
    logger,
    metrics,
    timer: createBatchTimer({ metrics, now: Date.now, nowMs: () => performance.now() }),
    champion: createChampionReader({
      model,
      ledger: new DynamoLedger({ client: dynamo, table: env.HEADRACE_LEDGER_TABLE }),
      nowMs: Date.now,
    }),
    loader: createModelLoader(model, new S3PackageStore({ client: s3, bucket: env.HEADRACE_MODELS_BUCKET }), {
      engine: createOrtEngine({ memoryMiB }),
      makeCache: (memoryBytes) => new LruResultCache(memoryBytes),
      makeShared: createDynamoSharedTiers({
        client: dynamo,
        table: env.HEADRACE_CACHE_TABLE,
        ...{ model, metrics, logger },
      }),
      nowMs: () => performance.now(),
      onRun: (_, durationMs) => metrics.add("RunDurationMs", durationMs, "Milliseconds"),
    }),
    store: new DynamoPredictionStore({ client: dynamo, table: env.HEADRACE_PREDICTIONS_TABLE, logger }),
    predictions: new KinesisPredictionStream({
      client: kinesisClient(),
      stream: env.HEADRACE_PREDICTIONS_STREAM,
      logger,
    }),
    rejects: new S3RejectStore({ client: s3, bucket: env.HEADRACE_DATA_BUCKET }),
    keepSeconds: Number(env.HEADRACE_PREDICTION_DAYS) * secondsPerDay,
    now: Date.now,
  };
}

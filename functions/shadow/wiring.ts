import { objectClient, tableClient } from "../adapters/aws/clients.ts";
import { DynamoPredictionStore } from "../adapters/aws/dynamo-prediction-store.ts";
import { DynamoShardStateStore } from "../adapters/aws/dynamo-shard-state-store.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { S3ConcealerKeys } from "../adapters/aws/s3-concealer-keys.ts";
import { S3PackageStore } from "../adapters/aws/s3-package-store.ts";
import {
  functionBundlePath,
  functionLogLevel,
  functionName,
  readEnv,
  requiredMemoryMiB,
} from "../adapters/env.ts";
import { EmfMetrics } from "../adapters/observe/emf-metrics.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createMemoryGauge } from "../adapters/observe/memory-gauge.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { createOrtEngine } from "../adapters/onnx/ort-engine.ts";
import { shadowEnv } from "../contract/env.ts";
import { createModelLoader } from "../core/inference/model-loader.ts";
import { createSketches } from "../core/monitor/create-sketches.ts";
import type { ShadowDeps } from "./deps.ts";

const secondsPerDay = 86_400;

/**
 * Everything the shadow function leans on, from its environment: no ledger, since it is told which version to run, and no
 * caches, since nobody waits for it.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createShadowDeps(): ShadowDeps {
  const env = readEnv(shadowEnv);
  const model = env.HEADRACE_MODEL;
  const access = environmentAccess();
  const client = objectClient(access);
  const logger = new JsonLogger({
    level: functionLogLevel(),
    sourceStack: createSourceStack(functionBundlePath()),
    fields: { model },
  });
  const metrics = new EmfMetrics({ dimensions: { Stage: env.HEADRACE_STAGE, Model: model } });
  const dynamo = tableClient(access);
  const nowMs = () => performance.now();
  const memoryMiB = requiredMemoryMiB();
  return {
    ...{ model, metrics, logger, nowMs, now: Date.now },
    memory: createMemoryGauge({ metrics, memoryMiB, functionName: functionName(), nowMs }),
    loader: createModelLoader(model, new S3PackageStore({ client, bucket: env.HEADRACE_MODELS_BUCKET }), {
      engine: createOrtEngine({ memoryMiB }),
      concealerKeys: new S3ConcealerKeys({ client, bucket: env.HEADRACE_MODELS_BUCKET }),
      nowMs,
    }),
    store: new DynamoPredictionStore({
      ...{ client: dynamo, table: env.HEADRACE_PREDICTIONS_TABLE, logger },
    }),
    sketches: createSketches({
      store: new DynamoShardStateStore({ client: dynamo, table: env.HEADRACE_SKETCHES_TABLE, logger }),
      ...{ model, metrics, logger, nowMs, now: Date.now },
    }),
    keepSeconds: Number(env.HEADRACE_PREDICTION_DAYS) * secondsPerDay,
  };
}

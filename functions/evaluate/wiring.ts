import { objectClient } from "../adapters/aws/clients.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { S3ObjectStore } from "../adapters/aws/s3-object-store.ts";
import { S3PackageStore } from "../adapters/aws/s3-package-store.ts";
import { functionBundlePath, functionLogLevel, readEnv, requiredMemoryMiB } from "../adapters/env.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { createOrtEngine } from "../adapters/onnx/ort-engine.ts";
import { evaluateEnv } from "../contract/env.ts";
import type { EvaluateDeps } from "./deps.ts";

/** As large as a published package's file may be. */
const maxModelBytes = 2 ** 30;

/**
 * Everything the evaluate function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createEvaluateDeps(): EvaluateDeps {
  const env = readEnv(evaluateEnv);
  const client = objectClient(environmentAccess());
  return {
    store: new S3ObjectStore({ client, bucket: env.HEADRACE_DATA_BUCKET, maxBytes: maxModelBytes }),
    packages: new S3PackageStore({ client, bucket: env.HEADRACE_MODELS_BUCKET }),
    engine: createOrtEngine({ memoryMiB: requiredMemoryMiB() }),
    logger: new JsonLogger({
      level: functionLogLevel(),
      sourceStack: createSourceStack(functionBundlePath()),
      fields: { model: env.HEADRACE_MODEL },
    }),
    nowMs: () => performance.now(),
  };
}

import { objectClient } from "../adapters/aws/clients.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { S3ObjectStore } from "../adapters/aws/s3-object-store.ts";
import {
  functionBundlePath,
  functionLogLevel,
  functionThreadPath,
  readEnv,
  requiredMemoryMiB,
} from "../adapters/env.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { createTreeSearchPool } from "../adapters/threads/tree-search-pool.ts";
import { trainEnv } from "../contract/env.ts";
import { coresOf } from "../core/train/trees/estimate-training.ts";
import type { TrainDeps } from "./deps.ts";

/**
 * Everything the train function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createTrainDeps(): TrainDeps {
  const env = readEnv(trainEnv);
  const memoryMiB = requiredMemoryMiB();
  const threads = coresOf({ memoryMiB });
  return {
    store: new S3ObjectStore({ client: objectClient(environmentAccess()), bucket: env.HEADRACE_DATA_BUCKET }),
    memoryMiB,
    ...(threads > 1 && { pool: createTreeSearchPool({ threads, script: functionThreadPath() }) }),
    logger: new JsonLogger({
      level: functionLogLevel(),
      sourceStack: createSourceStack(functionBundlePath()),
      fields: { model: env.HEADRACE_MODEL },
    }),
    nowMs: () => performance.now(),
  };
}

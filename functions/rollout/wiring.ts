import { objectClient, tableClient, topicClient } from "../adapters/aws/clients.ts";
import { DynamoLearningStore } from "../adapters/aws/dynamo-learning-store.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { DynamoShardStateStore } from "../adapters/aws/dynamo-shard-state-store.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { S3ConcealerKeys } from "../adapters/aws/s3-concealer-keys.ts";
import { S3LayoutStore } from "../adapters/aws/s3-layout-store.ts";
import { S3ObjectStore } from "../adapters/aws/s3-object-store.ts";
import { S3PackageDeclarations } from "../adapters/aws/s3-package-declarations.ts";
import { S3PackageStore } from "../adapters/aws/s3-package-store.ts";
import { SnsNotices } from "../adapters/aws/sns-notices.ts";
import { functionBundlePath, functionLogLevel, readEnv, requiredMemoryMiB } from "../adapters/env.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { createOrtEngine } from "../adapters/onnx/ort-engine.ts";
import { rolloutEnv } from "../contract/env.ts";
import type { RolloutDeps } from "./deps.ts";

/**
 * Everything the rollout function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createRolloutDeps(): RolloutDeps {
  const env = readEnv(rolloutEnv);
  const access = environmentAccess();
  const dynamo = tableClient(access);
  const client = objectClient(access);
  const model = env.HEADRACE_MODEL;
  const logger = new JsonLogger({
    level: functionLogLevel(),
    sourceStack: createSourceStack(functionBundlePath()),
    fields: { model },
  });
  const packages = { client, bucket: env.HEADRACE_MODELS_BUCKET };
  const state = (table: string) => new DynamoShardStateStore({ client: dynamo, table, logger });
  return {
    ...{ model, logger, stage: env.HEADRACE_STAGE },
    ledger: new DynamoLedger({ client: dynamo, table: env.HEADRACE_LEDGER_TABLE }),
    packages: new S3PackageStore(packages),
    layouts: new S3LayoutStore(packages),
    declarations: new S3PackageDeclarations(packages),
    objects: new S3ObjectStore({ client, bucket: env.HEADRACE_DATA_BUCKET }),
    load: {
      engine: createOrtEngine({ memoryMiB: requiredMemoryMiB() }),
      concealerKeys: new S3ConcealerKeys(packages),
      nowMs: () => performance.now(),
    },
    sketches: state(env.HEADRACE_SKETCHES_TABLE),
    tiles: state(env.HEADRACE_TILES_TABLE),
    records: new DynamoLearningStore({ client: dynamo, table: env.HEADRACE_SKETCHES_TABLE }),
    notices: new SnsNotices({ client: topicClient(access), topic: env.HEADRACE_TOPIC }),
    now: Date.now,
  };
}

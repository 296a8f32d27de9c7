import { setTimeout } from "node:timers/promises";
import { objectClient, tableClient } from "../adapters/aws/clients.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { DynamoShardStateStore } from "../adapters/aws/dynamo-shard-state-store.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { S3PackageDeclarations } from "../adapters/aws/s3-package-declarations.ts";
import { S3PackageReferences } from "../adapters/aws/s3-package-references.ts";
import { functionBundlePath, functionLogLevel, readEnv } from "../adapters/env.ts";
import { EmfMetrics } from "../adapters/observe/emf-metrics.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { driftEnv } from "../contract/env.ts";
import type { DriftDeps } from "./deps.ts";

/**
 * Everything the drift function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createDriftDeps(): DriftDeps {
  const env = readEnv(driftEnv);
  const access = environmentAccess();
  const dynamo = tableClient(access);
  const packages = { client: objectClient(access), bucket: env.HEADRACE_MODELS_BUCKET };
  const logger = new JsonLogger({
    level: functionLogLevel(),
    sourceStack: createSourceStack(functionBundlePath()),
  });
  const state = (table: string) => new DynamoShardStateStore({ client: dynamo, table, logger });
  return {
    models: env.HEADRACE_MODELS.split(","),
    ledger: new DynamoLedger({ client: dynamo, table: env.HEADRACE_LEDGER_TABLE }),
    declarations: new S3PackageDeclarations(packages),
    references: new S3PackageReferences(packages),
    tiles: state(env.HEADRACE_TILES_TABLE),
    sketches: state(env.HEADRACE_SKETCHES_TABLE),
    metrics: new EmfMetrics({ dimensions: { Stage: env.HEADRACE_STAGE } }),
    logger,
    now: Date.now,
    sleep: (durationMs) => setTimeout(durationMs),
  };
}

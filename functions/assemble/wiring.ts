import { objectClient, tableClient } from "../adapters/aws/clients.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { DynamoOutcomeStore } from "../adapters/aws/dynamo-outcome-store.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { S3LayoutStore } from "../adapters/aws/s3-layout-store.ts";
import { S3ObjectStore } from "../adapters/aws/s3-object-store.ts";
import { S3PackageDeclarations } from "../adapters/aws/s3-package-declarations.ts";
import { S3PackageStore } from "../adapters/aws/s3-package-store.ts";
import { functionBundlePath, functionLogLevel, readEnv, requiredMemoryMiB } from "../adapters/env.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { createOrtEngine } from "../adapters/onnx/ort-engine.ts";
import { assembleEnv } from "../contract/env.ts";
import type { AssembleDeps } from "./deps.ts";

/**
 * Everything the assemble function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createAssembleDeps(): AssembleDeps {
  const env = readEnv(assembleEnv);
  const access = environmentAccess();
  const client = objectClient(access);
  const dynamo = tableClient(access);
  const packages = { client, bucket: env.HEADRACE_MODELS_BUCKET };
  const logger = new JsonLogger({
    level: functionLogLevel(),
    sourceStack: createSourceStack(functionBundlePath()),
    fields: { model: env.HEADRACE_MODEL },
  });
  return {
    ledger: new DynamoLedger({ client: dynamo, table: env.HEADRACE_LEDGER_TABLE }),
    declarations: new S3PackageDeclarations(packages),
    layouts: new S3LayoutStore(packages),
    store: new S3ObjectStore({ client, bucket: env.HEADRACE_DATA_BUCKET }),
    outcomes: new DynamoOutcomeStore({ client: dynamo, table: env.HEADRACE_PREDICTIONS_TABLE, logger }),
    packages: new S3PackageStore(packages),
    engine: createOrtEngine({ memoryMiB: requiredMemoryMiB() }),
    logger,
    now: Date.now,
    nowMs: () => performance.now(),
  };
}

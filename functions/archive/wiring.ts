import { objectClient, tableClient } from "../adapters/aws/clients.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { S3ArchiveStore } from "../adapters/aws/s3-archive-store.ts";
import { S3ConcealerKeys } from "../adapters/aws/s3-concealer-keys.ts";
import { S3PackageDeclarations } from "../adapters/aws/s3-package-declarations.ts";
import { functionBundlePath, functionLogLevel, readEnv } from "../adapters/env.ts";
import { EmfMetrics } from "../adapters/observe/emf-metrics.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { archiveEnv } from "../contract/env.ts";
import type { ArchiveDeps } from "./deps.ts";
import { createStageRedactor } from "./stage-redactor.ts";

/**
 * Everything the archive function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createArchiveDeps(): ArchiveDeps {
  const env = readEnv(archiveEnv);
  const access = environmentAccess();
  const client = objectClient(access);
  return {
    redactor: createStageRedactor({
      models: env.HEADRACE_MODELS.split(","),
      ledger: new DynamoLedger({ client: tableClient(access), table: env.HEADRACE_LEDGER_TABLE }),
      declarations: new S3PackageDeclarations({ client, bucket: env.HEADRACE_MODELS_BUCKET }),
      keys: new S3ConcealerKeys({ client, bucket: env.HEADRACE_MODELS_BUCKET }),
      nowMs: Date.now,
    }),
    archive: new S3ArchiveStore({ client, bucket: env.HEADRACE_DATA_BUCKET }),
    metrics: new EmfMetrics({ dimensions: { Stage: env.HEADRACE_STAGE } }),
    logger: new JsonLogger({
      level: functionLogLevel(),
      sourceStack: createSourceStack(functionBundlePath()),
    }),
  };
}

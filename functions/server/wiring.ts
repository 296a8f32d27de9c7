import { tableClient } from "../adapters/aws/clients.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { functionBundlePath, functionLogLevel, readEnv } from "../adapters/env.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { serverEnv } from "../contract/env.ts";
import type { ServerDeps } from "./routes.ts";

/**
 * Everything the server function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createServerDeps(): ServerDeps {
  const env = readEnv(serverEnv);
  return {
    models: env.HEADRACE_MODELS.split(","),
    ledger: new DynamoLedger({ client: tableClient(environmentAccess()), table: env.HEADRACE_LEDGER_TABLE }),
    corsOrigins: env.HEADRACE_CORS_ORIGINS?.split(",") ?? [],
    logger: new JsonLogger({
      level: functionLogLevel(),
      sourceStack: createSourceStack(functionBundlePath()),
    }),
  };
}

import { functionClient, tableClient } from "../adapters/aws/clients.ts";
import { DynamoLedger } from "../adapters/aws/dynamo-ledger.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { LambdaFunctionEnvironment } from "../adapters/aws/lambda-function-environment.ts";
import { defaultRetry, startBudget } from "../adapters/aws/retry.ts";
import { functionBundlePath, functionLogLevel, readEnv } from "../adapters/env.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { guardEnv } from "../contract/env.ts";
import type { GuardDeps } from "./deps.ts";

/** Lambda takes seconds to change a function, and nobody else's change takes half a minute. */
const conflictRetry = { ...defaultRetry, attempts: 8, baseMs: 500, capMs: 8_000, totalMs: 30_000 };

/**
 * Everything the guard function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createGuardDeps(): GuardDeps {
  const env = readEnv(guardEnv);
  const access = environmentAccess();
  return {
    stage: env.HEADRACE_STAGE,
    models: env.HEADRACE_MODELS.split(","),
    ledger: new DynamoLedger({ client: tableClient(access), table: env.HEADRACE_LEDGER_TABLE }),
    functions: new LambdaFunctionEnvironment({ client: functionClient(access) }),
    logger: new JsonLogger({
      level: functionLogLevel(),
      sourceStack: createSourceStack(functionBundlePath()),
    }),
    now: Date.now,
    startWaits: () => startBudget(conflictRetry),
  };
}

import { statesClient, tableClient } from "../adapters/aws/clients.ts";
import { DynamoLearningStore } from "../adapters/aws/dynamo-learning-store.ts";
import { environmentAccess } from "../adapters/aws/environment-access.ts";
import { StepFunctionsWorkflow } from "../adapters/aws/step-functions-workflow.ts";
import { functionBundlePath, functionLogLevel, readEnv } from "../adapters/env.ts";
import { JsonLogger } from "../adapters/observe/json-logger.ts";
import { createSourceStack } from "../adapters/observe/source-stack.ts";
import { retrainEnv } from "../contract/env.ts";
import type { RetrainDeps } from "./retrain.ts";

/**
 * Everything the retrain function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createRetrainDeps(): RetrainDeps & { readonly stage: string } {
  const env = readEnv(retrainEnv);
  const access = environmentAccess();
  const model = env.HEADRACE_MODEL;
  return {
    stage: env.HEADRACE_STAGE,
    model,
    store: new DynamoLearningStore({ client: tableClient(access), table: env.HEADRACE_SKETCHES_TABLE }),
    workflow: new StepFunctionsWorkflow({
      client: statesClient(access),
      model,
      stateMachine: env.HEADRACE_STATE_MACHINE,
    }),
    rules: {
      coolDownHours: Number(env.HEADRACE_COOL_DOWN_HOURS),
      mostPerMonth: Number(env.HEADRACE_MOST_PER_MONTH),
    },
    logger: new JsonLogger({
      level: functionLogLevel(),
      sourceStack: createSourceStack(functionBundlePath()),
      fields: { model },
    }),
    now: Date.now,
  };
}

import { createModelServing } from "../adapters/aws/model-serving.ts";
import { readEnv } from "../adapters/env.ts";
import { predictEnv } from "../contract/env.ts";
import { createModelVersions } from "../core/rollout/model-versions.ts";
import type { PredictDeps } from "./deps.ts";

/**
 * Everything the predict function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createPredictDeps(): PredictDeps {
  const env = readEnv(predictEnv);
  const { deps, ledger, nowMs } = createModelServing(env);
  return {
    ...deps,
    versions: createModelVersions({ model: deps.model, ledger, nowMs: Date.now }),
    corsOrigins: env.HEADRACE_CORS_ORIGINS?.split(",") ?? [],
    nowMs,
  };
}

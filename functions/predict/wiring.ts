import { functionClient, streamClient } from "../adapters/aws/clients.ts";
import { KinesisEventStream } from "../adapters/aws/kinesis-event-stream.ts";
import { LambdaShadowQueue } from "../adapters/aws/lambda-shadow-queue.ts";
import { createModelServing } from "../adapters/aws/model-serving.ts";
import { readEnv } from "../adapters/env.ts";
import { predictEnv } from "../contract/env.ts";
import { createModelVersions } from "../core/rollout/model-versions.ts";
import type { PredictDeps } from "./deps.ts";
import { createViewReader } from "./view-reader.ts";

/**
 * Everything the predict function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createPredictDeps(): PredictDeps {
  const env = readEnv(predictEnv);
  const { deps, tiles, access, ledger, nowMs } = createModelServing(env);
  return {
    ...deps,
    viewsOf: createViewReader(tiles, Date.now),
    versions: createModelVersions({ model: deps.model, ledger, nowMs: Date.now }),
    events: new KinesisEventStream({ client: streamClient(access), stream: env.HEADRACE_EVENTS_STREAM }),
    shadows: new LambdaShadowQueue({
      client: functionClient(access),
      functionName: env.HEADRACE_SHADOW_FUNCTION,
    }),
    corsOrigins: env.HEADRACE_CORS_ORIGINS?.split(",") ?? [],
    nowMs,
  };
}

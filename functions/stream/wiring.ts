import { kinesisClient } from "../adapters/aws/clients.ts";
import { KinesisPredictionStream } from "../adapters/aws/kinesis-prediction-stream.ts";
import { createModelServing } from "../adapters/aws/model-serving.ts";
import { S3RejectStore } from "../adapters/aws/s3-reject-store.ts";
import { readEnv } from "../adapters/env.ts";
import { streamEnv } from "../contract/env.ts";
import { createBatchTimer } from "./batch-timer.ts";
import type { StreamDeps } from "./deps.ts";

/**
 * Everything the stream function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createStreamDeps(): StreamDeps {
  const env = readEnv(streamEnv);
  const { deps, objects, nowMs } = createModelServing(env);
  return {
    ...deps,
    timer: createBatchTimer({ metrics: deps.metrics, now: Date.now, nowMs }),
    predictions: new KinesisPredictionStream({
      client: kinesisClient(),
      stream: env.HEADRACE_PREDICTIONS_STREAM,
      logger: deps.logger,
    }),
    rejects: new S3RejectStore({ client: objects, bucket: env.HEADRACE_DATA_BUCKET }),
  };
}

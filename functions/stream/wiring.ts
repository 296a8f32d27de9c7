import { streamClient } from "../adapters/aws/clients.ts";
import { DynamoOutcomeStore } from "../adapters/aws/dynamo-outcome-store.ts";
import { KinesisPredictionStream } from "../adapters/aws/kinesis-prediction-stream.ts";
import { KinesisShardParents } from "../adapters/aws/kinesis-shard-parents.ts";
import { createModelServing } from "../adapters/aws/model-serving.ts";
import { S3ExampleStore } from "../adapters/aws/s3-example-store.ts";
import { S3LayoutStore } from "../adapters/aws/s3-layout-store.ts";
import { S3RejectStore } from "../adapters/aws/s3-reject-store.ts";
import { readEnv } from "../adapters/env.ts";
import { streamEnv } from "../contract/env.ts";
import { createSketches } from "../core/monitor/create-sketches.ts";
import { createRowDecoders } from "../core/outcome/row-decoders.ts";
import { createBatchTimer } from "./batch-timer.ts";
import type { StreamDeps } from "./deps.ts";
import { createModelStates } from "./model-state.ts";
import { createShadowQueues } from "./shadow-queue.ts";

/**
 * Everything the stream function leans on, from its environment.
 *
 * @throws {ConfigError} `config.env` when the environment is incomplete; the function then fails at init.
 */
export function createStreamDeps(): StreamDeps {
  const env = readEnv(streamEnv);
  const { deps: serving, tiles, state, access, dynamo, objects, nowMs } = createModelServing(env);
  const deps = { ...serving, nowMs };
  const { model, metrics, logger } = deps;
  const kinesis = streamClient(access);
  const layouts = new S3LayoutStore({ client: objects, bucket: env.HEADRACE_MODELS_BUCKET });
  const sketches = state(env.HEADRACE_SKETCHES_TABLE);
  const parents = new KinesisShardParents({ client: kinesis });
  return {
    ...deps,
    role: "champion",
    shadows: createShadowQueues(deps),
    sketches: createSketches({ store: sketches, model, nowMs, now: Date.now, metrics, logger }),
    timer: createBatchTimer({ metrics, now: Date.now, nowMs }),
    predictions: new KinesisPredictionStream({
      client: kinesis,
      stream: env.HEADRACE_PREDICTIONS_STREAM,
      logger,
    }),
    rejects: new S3RejectStore({ client: objects, bucket: env.HEADRACE_DATA_BUCKET }),
    stateOf: createModelStates({
      tiles,
      sketches,
      outcomes: new DynamoOutcomeStore({ client: dynamo, table: env.HEADRACE_PREDICTIONS_TABLE, logger }),
      examples: new S3ExampleStore({ client: objects, bucket: env.HEADRACE_DATA_BUCKET }),
      decoders: createRowDecoders({ model, layouts, logger }),
      parentsOf: (stream, shard) => parents.parentsOf(stream, shard),
      ...{ metrics, logger, now: Date.now },
    }),
  };
}

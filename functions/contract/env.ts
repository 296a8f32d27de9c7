import * as z from "zod/mini";
import { modelName } from "./model-package.ts";
import { stageName } from "./stack-outputs.ts";

const name = z.string().check(z.minLength(1));

/** What every function that serves one model needs. */
const modelEnv = {
  /** The stage it runs in: a dimension of its metrics. */
  HEADRACE_STAGE: stageName,
  /** The one model this function serves. */
  HEADRACE_MODEL: modelName,
  HEADRACE_LEDGER_TABLE: name,
  HEADRACE_MODELS_BUCKET: name,
  HEADRACE_PREDICTIONS_TABLE: name,
  /** Table of the results that functions share. */
  HEADRACE_CACHE_TABLE: name,
  /** Table of feature views: the stream function feeds it, the predict function reads it. */
  HEADRACE_TILES_TABLE: name,
  /** Table of accuracy and sketches by hour. */
  HEADRACE_SKETCHES_TABLE: name,
  /** Stream of the events; the predict function puts posted outcomes on it. */
  HEADRACE_EVENTS_STREAM: name,
  /** Days that a stored prediction is kept after its event or write, whichever is later. */
  HEADRACE_PREDICTION_DAYS: z
    .string()
    .check(z.regex(/^[1-9][0-9]{0,3}$/, "must be a whole number of days from 1 to 9999")),
};

const servedModelEnv = z.object(modelEnv);

/** What a function that serves all models of a stage needs. */
const stageEnv = {
  HEADRACE_STAGE: stageName,
  HEADRACE_LEDGER_TABLE: name,
  /** Names of the stage's models, separated by commas. */
  HEADRACE_MODELS: z
    .string()
    .check(
      z.regex(
        /^[a-z][a-z0-9-]{0,62}(,[a-z][a-z0-9-]{0,62})*$/,
        "must be names of models, separated by commas without spaces",
      ),
    ),
};

/** Environment of a stream function. infra passes the same type, so a forgotten variable is a compile error. */
export const streamEnv = z.object({
  ...modelEnv,
  HEADRACE_PREDICTIONS_STREAM: name,
  /** Bucket that takes `rejects/…`, `examples/…` and `early/…`. */
  HEADRACE_DATA_BUCKET: name,
});

const httpEnv = {
  /** Origins whose web pages may read answers, separated by commas; not set where none may. */
  HEADRACE_CORS_ORIGINS: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*$/,
          "must be origins such as https://example.com, separated by commas without spaces",
        ),
      ),
  ),
};

/** Environment of a predict function, which answers one model's HTTPS calls. */
export const predictEnv = z.object({
  ...modelEnv,
  ...httpEnv,
  /** Name of the function that scores what was served by the model's shadow. */
  HEADRACE_SHADOW_FUNCTION: name,
});

/** Environment of a shadow function, which scores one model's served rows by its shadow. */
export const shadowEnv = z.object({
  HEADRACE_STAGE: modelEnv.HEADRACE_STAGE,
  HEADRACE_MODEL: modelEnv.HEADRACE_MODEL,
  HEADRACE_MODELS_BUCKET: name,
  HEADRACE_PREDICTIONS_TABLE: name,
  HEADRACE_SKETCHES_TABLE: name,
  HEADRACE_PREDICTION_DAYS: modelEnv.HEADRACE_PREDICTION_DAYS,
});

/** Environment of the server function, which answers for the deployment as a whole. */
export const serverEnv = z.object({
  ...httpEnv,
  ...stageEnv,
});

/** Environment of the archive function, which keeps every event of the stream. */
export const archiveEnv = z.object({
  ...stageEnv,
  /** Bucket that tells what is private to each model, and under which key. */
  HEADRACE_MODELS_BUCKET: name,
  /** Bucket that takes `archive/…`. */
  HEADRACE_DATA_BUCKET: name,
});

/** Environment of the guard function, which acts on alarms of the stage's models. */
export const guardEnv = z.object(stageEnv);

/** Environment of the drift function, which compares what the stage's models are asked with what they were trained on. */
export const driftEnv = z.object({
  ...stageEnv,
  /** Bucket that holds what each model declares and was trained on. */
  HEADRACE_MODELS_BUCKET: name,
  /** Table of the shards' clocks. */
  HEADRACE_TILES_TABLE: name,
  /** Table of sketches and accuracy, which takes the reports. */
  HEADRACE_SKETCHES_TABLE: name,
});

const learningEnv = { HEADRACE_STAGE: modelEnv.HEADRACE_STAGE, HEADRACE_MODEL: modelEnv.HEADRACE_MODEL };

/** Environment of a retrain function, which starts one model's executions. */
export const retrainEnv = z.object({
  ...learningEnv,
  /** Table that holds the record of the model's executions. */
  HEADRACE_SKETCHES_TABLE: name,
  HEADRACE_STATE_MACHINE: name,
  /** Hours after the start of an execution in which no alarm starts another. */
  HEADRACE_COOL_DOWN_HOURS: z
    .string()
    .check(z.regex(/^[0-9]{1,4}$/, "must be a whole number of hours from 0 to 9999")),
  /** Executions in any 30 days from which on no alarm starts another. */
  HEADRACE_MOST_PER_MONTH: z.string().check(z.regex(/^[0-9]{1,4}$/, "must be a whole number from 0 to 9999")),
});

/** Environment of an assemble function, which makes training data of one model's examples. */
export const assembleEnv = z.object({
  ...learningEnv,
  HEADRACE_LEDGER_TABLE: name,
  HEADRACE_MODELS_BUCKET: name,
  HEADRACE_PREDICTIONS_TABLE: name,
  /** Bucket that has `examples/…` and `early/…` and takes `learning/…`. */
  HEADRACE_DATA_BUCKET: name,
});

/** Environment of a train function: it knows what its manifest says. */
export const trainEnv = z.object({ ...learningEnv, HEADRACE_DATA_BUCKET: name });

/** Environment of an evaluate function, which holds a new version of one model against the champion. */
export const evaluateEnv = z.object({
  ...learningEnv,
  HEADRACE_MODELS_BUCKET: name,
  HEADRACE_DATA_BUCKET: name,
});

/** Environment of a rollout function, which registers, tries and promotes a new version of one model. */
export const rolloutEnv = z.object({
  ...learningEnv,
  HEADRACE_LEDGER_TABLE: name,
  HEADRACE_MODELS_BUCKET: name,
  /** Bucket that has `examples/…` and `learning/…`. */
  HEADRACE_DATA_BUCKET: name,
  /** Table of the shards' clocks. */
  HEADRACE_TILES_TABLE: name,
  /** Table of what the verdict is made of, and of the record of the model's executions. */
  HEADRACE_SKETCHES_TABLE: name,
  /** ARN of the topic where people hear of what became of an execution. */
  HEADRACE_TOPIC: name,
});

export type ModelEnv = z.infer<typeof servedModelEnv>;
export type StreamEnv = z.infer<typeof streamEnv>;
export type PredictEnv = z.infer<typeof predictEnv>;
export type ShadowEnv = z.infer<typeof shadowEnv>;
export type ServerEnv = z.infer<typeof serverEnv>;
export type ArchiveEnv = z.infer<typeof archiveEnv>;
export type GuardEnv = z.infer<typeof guardEnv>;
export type DriftEnv = z.infer<typeof driftEnv>;
export type RetrainEnv = z.infer<typeof retrainEnv>;
export type AssembleEnv = z.infer<typeof assembleEnv>;
export type TrainEnv = z.infer<typeof trainEnv>;
export type EvaluateEnv = z.infer<typeof evaluateEnv>;
export type RolloutEnv = z.infer<typeof rolloutEnv>;

/**
 * Set by the guard alone, on a function whose memory it gave back: when that was, in ISO 8601. What it says is read by
 * no function; that it changes replaces their environments.
 */
export const recycledVariable = "HEADRACE_RECYCLED";

/** Set for every function, whatever it does: ONNX Runtime must read it before it loads. */
export const runtimeEnv = { ORT_DISABLE_TELEMETRY: "1" } as const;

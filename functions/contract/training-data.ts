import * as z from "zod/mini";
import { labelValue } from "./example.ts";

/** Rows of one part: little-endian float32, row after row, each the features in tensor order, then the label, then the weight. */
const part = z.strictObject({
  /** S3 key in the data bucket. */
  key: z.string(),
  rows: z.int().check(z.minimum(1)),
  /** SHA-256 of the object, in hexadecimal. */
  sha256: z.string(),
});

const slice = z.strictObject({
  rows: z.int(),
  /** ISO 8601: first and last event time. */
  from: z.string(),
  to: z.string(),
  parts: z.array(part),
});

/**
 * What a trainer is given: `learning/<model>/<execution>/manifest.json`.
 *
 * All held-out rows are of later hours than those to train on; within a slice rows are about in the order of their outcomes.
 * The contract of every trainer, built in or not: read this, write `model.onnx`, `metrics.json` and
 * `report.json` under `output`.
 */
export const trainingManifest = z.strictObject({
  version: z.literal(1),
  model: z.string(),
  /** The execution that it belongs to. */
  execution: z.string(),
  /** The champion that the new version is compared with, and whose features these are. */
  champion: z.string(),
  /** In tensor order; a feature of several columns stands there with its width. */
  features: z.array(
    z.strictObject({
      name: z.string(),
      width: z.int().check(z.minimum(1)),
      kind: z.enum(["number", "category"]),
    }),
  ),
  /** The champion's inputs, which the new model has too; absent where they are not known. */
  inputs: z.optional(
    z.array(
      z.strictObject({
        /** Where the package says it: a single input may bear any. */
        name: z.optional(z.string()),
        /** Element type. */
        type: z.string(),
        /** Of one row, without the batch axis. */
        shape: z.array(z.int()),
      }),
    ),
  ),
  label: z.strictObject({
    kind: z.enum(["binary", "classes", "number"]),
    /** In the order of the labels 0, 1, …; absent for numbers. */
    classes: z.optional(z.array(labelValue)),
    /** Name of the model's output tensor that scores are read from, and which element of its row. */
    output: z.string(),
    index: z.optional(z.int()),
  }),
  /** Names of all output tensors that the package reads, `label.output` among them; absent where it alone is. */
  outputs: z.optional(z.array(z.string())),
  train: slice,
  holdout: slice,
  /** S3 prefix in the data bucket, ending in "/", that the trainer writes under. */
  output: z.string(),
  /** `training.trees` of the package, for trainers that have use for it. */
  trees: z.record(z.string(), z.number()),
  seed: z.int(),
});

export type TrainingManifest = z.infer<typeof trainingManifest>;
export type TrainingSlice = z.infer<typeof slice>;

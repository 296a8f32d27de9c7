import * as z from "zod/mini";
import { describe } from "./describe.ts";
import { duration } from "./duration.ts";
import { path } from "./path.ts";
import { aggregate, keyPaths } from "./view.ts";

const finite = z.number();
const category = z.union([z.string(), z.number(), z.boolean()]);
const categories = z
  .array(category)
  .check(z.minLength(1), z.maxLength(100_000), z.refine(isDistinct, "must not repeat a value"));

/** Ways to read the value at `from` as a number. */
const reading = describe(
  "How the value is read: number (default), boolean (true = 1), or a part of a time, in UTC.",
  z.enum(["number", "boolean", "hourOfDay", "dayOfWeek"]),
);

const index = z.strictObject({
  index: describe("The value's position in this list, from 0.", categories),
  unknown: describe(
    "Number for a value that is not in the list; without it such an event is rejected.",
    z.optional(finite),
  ),
});
const oneHot = z.strictObject({
  oneHot: describe("One column per value: 1 where it is equal, else 0.", categories),
  unknown: describe(
    "`zeros`: an unlisted value gives all zeros; without it such an event is rejected.",
    z.optional(z.literal("zeros")),
  ),
});
const hash = z.strictObject({
  hash: describe(
    "32-bit FNV-1a of the value's UTF-8 text, modulo `buckets`.",
    z.strictObject({ buckets: z.int().check(z.minimum(2), z.maximum(2 ** 24)) }),
  ),
});
const clip = z
  .strictObject({ clip: z.strictObject({ min: z.optional(finite), max: z.optional(finite) }) })
  .check(
    z.refine(
      ({ clip: { min, max } }) => (min ?? -Infinity) <= (max ?? Infinity),
      "clip: min must not exceed max",
    ),
  );
const scale = z
  .strictObject({ scale: z.strictObject({ min: finite, max: finite }) })
  .check(z.refine(({ scale: { min, max } }) => min < max, "scale: min must be below max"));
const standardise = z.strictObject({
  standardise: z.strictObject({ mean: finite, std: z.number().check(z.positive()) }),
});
const log = z.strictObject({
  log: z.strictObject({ plus: describe("ln(value + plus)", z._default(finite, 0)) }),
});
const bucket = z.strictObject({
  bucket: describe(
    "Ascending edges; the result is how many of them the value has reached.",
    z.array(finite).check(z.minLength(1), z.maxLength(10_000), z.refine(isAscending, "edges must ascend")),
  ),
});
/** One step of a feature's transform; steps apply in the order written. */
export const transform = z.union([reading, index, oneHot, hash, clip, scale, standardise, log, bucket]);

const shape = z.array(z.int().check(z.minimum(1), z.maximum(2 ** 20))).check(z.minLength(1), z.maxLength(8));

/** A feature read from the predicting event. */
export const eventFeature = z.strictObject({
  from: describe("Path of the value in the event.", path),
  as: describe(
    "One transform, or a list of them applied in order.",
    z.optional(z.union([transform, z.array(transform).check(z.minLength(1), z.maxLength(16))])),
  ),
  default: describe(
    "Number used where the value is missing or null (imputation); without it such an event is rejected.",
    z.optional(finite),
  ),
  min: describe("Least value accepted, before any transform.", z.optional(finite)),
  max: describe("Greatest value accepted, before any transform.", z.optional(finite)),
  shape: describe(
    "For a tensor (an image, an embedding): its shape without the batch axis; the event carries it nested or flat, row-major.",
    z.optional(shape),
  ),
  input: describe(
    "Name of the model input it belongs to; needed only where the model has several inputs and none bears the feature's name.",
    z.optional(z.string()),
  ),
});

/** Arithmetic, which is all that a windowed feature, a number already, can go through. */
const arithmetic = z.union([clip, scale, standardise, log, bucket]);

/** A feature read from a feature view: an aggregate over the window before the predicting event. */
export const viewFeature = z
  .strictObject({
    view: describe("Name of the view.", z.string()),
    key: describe(
      "Where the key that is looked up stands in the predicting event; default: the view's own paths.",
      z.optional(keyPaths),
    ),
    agg: describe(
      "What is asked of the window; std is the population's, rate a share from 0 to 1, last the value with the newest time.",
      aggregate,
    ),
    over: describe('Length of the window, a whole number of tiles, at most "30d".', duration("30d")),
    default: describe(
      "Number used where the window is empty; count needs none, it is 0 then.",
      z.optional(finite),
    ),
    as: describe(
      "One arithmetic transform, or a list of them applied in order; the default goes through them too.",
      z.optional(z.union([arithmetic, z.array(arithmetic).check(z.minLength(1), z.maxLength(16))])),
    ),
    input: describe(
      "Name of the model input it belongs to; needed only where the model has several inputs and none bears the feature's name.",
      z.optional(z.string()),
    ),
  })
  .check(
    z.refine(
      ({ agg, default: fallback }) => agg === "count" || fallback !== undefined,
      "default: needed for the empty window",
    ),
  );

/** One feature of a model: read from the predicting event, or from a feature view. */
export const feature = z.union([eventFeature, viewFeature]);

export type Feature = z.infer<typeof feature>;
export type ViewFeature = z.infer<typeof viewFeature>;

/** Whether a feature is read from a feature view. */
export function isViewFeature(given: Feature): given is ViewFeature {
  return "view" in given;
}

export type Transform = z.infer<typeof transform>;
export type EventFeature = z.infer<typeof eventFeature>;

function isDistinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || values[i - 1]! < value);
}

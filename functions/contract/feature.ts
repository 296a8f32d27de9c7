import * as z from "zod/mini";
import { describe } from "./describe.ts";

const finite = z.number();
const category = z.union([z.string(), z.number(), z.boolean()]);
const categories = z
  .array(category)
  .check(z.minLength(1), z.maxLength(100_000), z.refine(isDistinct, "must not repeat a value"));

/** A dotted path into the event, e.g. `distance` or `aircraft.age`; a key that contains a dot cannot be named. */
export const path = z
  .string()
  .check(z.regex(/^[^.\s]+(\.[^.\s]+)*$/, "must be a dotted path such as distance or aircraft.age"));

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

export type Transform = z.infer<typeof transform>;
export type EventFeature = z.infer<typeof eventFeature>;

function isDistinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || values[i - 1]! < value);
}

import * as z from "zod/mini";
import { condition, scalar } from "./condition.ts";
import { describe } from "./describe.ts";
import { duration } from "./duration.ts";
import { path } from "./path.ts";

const oneOrMore = z.union([scalar, z.array(scalar).check(z.minLength(1))]);

/** The truth: a yes or no (one of the tests), one of several classes, or, without either, a number. */
const label = z
  .strictObject({
    from: describe("Path of the truth in the event.", path),
    above: z.optional(z.number()),
    atLeast: z.optional(z.number()),
    below: z.optional(z.number()),
    atMost: z.optional(z.number()),
    is: describe("Yes where it equals this value, or one of these.", z.optional(oneOrMore)),
    classes: describe(
      "The classes in the order of the output's elements.",
      z.optional(z.array(scalar).check(z.minLength(2), z.maxLength(1000))),
    ),
  })
  .check(
    z.refine(
      ({ from: _, ...tests }) => Object.values(tests).filter((test) => test !== undefined).length <= 1,
      "takes at most one of above, atLeast, below, atMost, is, classes",
    ),
  );

/** The truth that arrives later for a prediction. */
export const outcome = z.strictObject({
  on: describe("Which events carry an outcome.", condition),
  id: describe("Path of the id of the event that was predicted on, as event.id had it.", path),
  time: describe(
    "Path of the outcome's time, as event.time has it; default: its arrival on the stream.",
    z.optional(path),
  ),
  label: describe("What the truth is.", label),
  output: describe(
    "The output it is compared with: a probability of yes, a list with one per class, or a number; default: the first that is no label.",
    z.optional(z.string()),
  ),
  within: describe("How long after the predicted event an outcome still counts.", duration("400d")),
});

/** What of joined predictions is written to `examples/…`. */
export const examples = z.strictObject({
  sample: describe(
    "Share that is written, from 0 to 1, chosen by a stable hash of the prediction's id.",
    z._default(z.number().check(z.minimum(0), z.maximum(1)), 1),
  ),
});

export type OutcomeRule = z.infer<typeof outcome>;
export type LabelRule = z.infer<typeof label>;

/** The kind of truth a label rule gives. */
export function labelKind({ from: _, classes, ...tests }: LabelRule): "binary" | "classes" | "number" {
  if (classes !== undefined) return "classes";
  return Object.values(tests).some((test) => test !== undefined) ? "binary" : "number";
}

import * as z from "zod/mini";
import { describe } from "./describe.ts";

const tensorOutput = z.strictObject({
  from: describe("Name of the model's output tensor.", z.string().check(z.minLength(1))),
  index: describe(
    "Which element of the row, row-major; without it the whole row: a number where it has one element, else a flat list.",
    z.optional(z.int().check(z.minimum(0))),
  ),
});
const thresholdLabel = z.strictObject({
  of: describe("Name of another, scalar output.", z.string()),
  threshold: describe("The second name is given from this value on.", z.number()),
  names: describe("Label below the threshold, label from it on.", z.tuple([z.string(), z.string()])),
});
const argmaxLabel = z.strictObject({
  of: describe(
    "Name of another output that is a list: the label is that of its greatest element.",
    z.string(),
  ),
  names: describe("One label per element.", z.array(z.string()).check(z.minLength(2))),
});

/** One value of a prediction: an element of a tensor, a whole row of it, or a label derived from another output. */
export const output = z.union([tensorOutput, thresholdLabel, argmaxLabel]);

export const outputs = z.record(z.string().check(z.minLength(1), z.maxLength(256)), output).check(
  z.refine((all) => Object.keys(all).length > 0, "at least one output is needed"),
  z.refine(
    (all) =>
      Object.values(all).every(
        (each) => !("of" in each) || (all[each.of] !== undefined && "from" in all[each.of]!),
      ),
    "`of` must name an output of this package that has `from`",
  ),
);

export type Output = z.infer<typeof output>;
export type Outputs = z.infer<typeof outputs>;

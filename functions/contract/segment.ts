import * as z from "zod/mini";
import { scalar } from "./condition.ts";
import { describe } from "./describe.ts";
import { path } from "./path.ts";

/** A part of the traffic: events by what stands at a path. */
export const segment = z.strictObject({
  from: describe("Path of the value in the predicting event.", path),
  values: describe(
    "Values that each are a segment of their own; all others are one together.",
    z.array(scalar).check(z.minLength(1), z.maxLength(20)),
  ),
});

export type Segment = z.infer<typeof segment>;

import * as z from "zod/mini";
import { describe } from "./describe.ts";
import { duration } from "./duration.ts";

/** Data-quality rules of one feature, as SageMaker Model Monitor's constraints.json states them. */
const rules = z.strictObject({
  completeness: describe(
    "Least share of values that are not missing, from 0 to 1.",
    z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  ),
  nonNegative: describe("Whether values below 0 are a fault.", z.optional(z.boolean())),
  domain: describe(
    "Least share of values that are in the feature's list of categories, from 0 to 1.",
    z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  ),
});

/** When features or scores count as drifted. */
export const drift = z.strictObject({
  window: describe(
    "Span of event time that is compared with the reference, whole hours; a day holds every hour of it once, so that the time of day is no drift.",
    z._default(duration("30d"), "1d"),
  ),
  windows: describe(
    "An alarm is raised when so many of the last windows drifted in one feature.",
    z._default(
      z
        .strictObject({
          alarmed: z.int().check(z.minimum(1), z.maximum(30)),
          of: z.int().check(z.minimum(1), z.maximum(30)),
        })
        .check(z.refine(({ alarmed, of }) => alarmed <= of, "alarmed must not exceed of")),
      { alarmed: 2, of: 3 },
    ),
  ),
  minSamples: describe(
    "Rows below which a window says nothing.",
    z._default(z.int().check(z.minimum(1)), 1000),
  ),
  threshold: describe(
    "Effect size from which a feature counts as drifted, in place of the defaults and of what the reference's own windows vary by.",
    z.optional(z.number().check(z.positive())),
  ),
  exclude: describe(
    "Features that are not compared; those that are a part of a time never are.",
    z._default(z.array(z.string()), []),
  ),
  rules: describe("Data-quality rules by feature.", z._default(z.record(z.string(), rules), {})),
});

export type DriftRules = z.infer<typeof drift>;
export type QualityRules = z.infer<typeof rules>;

import * as z from "zod/mini";
import { describe } from "./describe.ts";

const ratio = z.number().check(z.minimum(0), z.maximum(1));

/** The rules by which a version is compared with the champion. */
export const rollout = z.strictObject({
  alpha: describe(
    "How rare a wrong verdict is to be, however often one looks: above 0, at most 0.5.",
    z._default(z.number().check(z.positive(), z.maximum(0.5)), 0.05),
  ),
  minOutcomes: describe(
    "Outcomes below which the verdict is always hold.",
    z._default(z.int().check(z.minimum(1)), 1000),
  ),
  maxLatencyRatio: describe(
    "Guard rail: the mean time per row, as a multiple of the champion's, above which it is rolled back.",
    z._default(z.number().check(z.minimum(1)), 3),
  ),
  maxErrorRatio: describe(
    "Guard rail: share of rows that it fails on, above which it is rolled back.",
    z._default(ratio, 0.01),
  ),
  maxRejectRatio: describe(
    "Guard rail: share of events it cannot take although the champion can, above which it is rolled back.",
    z._default(ratio, 0.01),
  ),
});

export type RolloutRules = z.infer<typeof rollout>;

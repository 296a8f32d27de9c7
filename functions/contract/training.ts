import * as z from "zod/mini";
import { describe } from "./describe.ts";
import { duration } from "./duration.ts";

const ratio = z.number().check(z.minimum(0), z.maximum(1));

/** Which examples are trained on. */
const rows = z.strictObject({
  over: describe("Span of event time, back from the newest example.", z._default(duration("400d"), "28d")),
  most: describe(
    "Rows at most; the newest are taken.",
    z._default(z.int().check(z.minimum(100), z.maximum(5_000_000)), 500_000),
  ),
  least: describe("Rows below which nothing is trained.", z._default(z.int().check(z.minimum(10)), 1000)),
  holdout: describe(
    "Share of the rows, the newest by event time, that is held out to stop early and to compare: above 0, at most 0.5.",
    z._default(z.number().check(z.positive(), z.maximum(0.5)), 0.2),
  ),
});

/** The built-in trainer: gradient-boosted trees. */
const trees = z.strictObject({
  trees: describe("Trees at most, per class.", z._default(z.int().check(z.minimum(1), z.maximum(2000)), 200)),
  depth: describe("Depth of a tree at most.", z._default(z.int().check(z.minimum(1), z.maximum(12)), 6)),
  learningRate: describe(
    "What each tree adds, above 0, at most 1.",
    z._default(z.number().check(z.positive(), z.maximum(1)), 0.1),
  ),
  minChildWeight: describe("Least sum of hessians of a leaf.", z._default(z.number().check(z.minimum(0)), 1)),
  lambda: describe("L2 regularisation of the leaves.", z._default(z.number().check(z.minimum(0)), 1)),
  subsample: describe(
    "Share of the rows that each tree sees.",
    z._default(z.number().check(z.positive(), z.maximum(1)), 1),
  ),
  columnSample: describe(
    "Share of the features that each tree sees.",
    z._default(z.number().check(z.positive(), z.maximum(1)), 1),
  ),
  stopAfter: describe(
    "Trees without an improvement on the holdout after which it stops; 0 never stops early.",
    z._default(z.int().check(z.minimum(0)), 20),
  ),
  seed: describe("Seed of everything random.", z._default(z.int().check(z.minimum(0)), 0)),
});

const augment = z.strictObject({
  classWeights: describe(
    "Weigh rows so that every class counts alike.",
    z._default(z.enum(["none", "balanced"]), "none"),
  ),
  jitter: describe(
    "Standard deviation of the noise added to a numeric feature in a copy of each row, by feature.",
    z._default(z.record(z.string(), z.number().check(z.positive())), {}),
  ),
  mixUp: describe(
    "Alpha of the Beta distribution by which features of several numbers are mixed in pairs of rows with one label, at most 1; 0 mixes none.",
    z._default(z.number().check(z.minimum(0), z.maximum(1)), 0),
  ),
});

/** What a new version must reach on the held-out rows, beside the champion, to be tried live. */
const gates = z.strictObject({
  logLoss: describe("Greatest rise of log-loss, or of root mean squared error.", z._default(z.number(), 0)),
  auc: describe("Greatest fall of AUC.", z._default(z.number(), 0.002)),
  calibration: describe("Greatest expected calibration error.", z._default(ratio, 0.05)),
  latencyRatio: describe(
    "Greatest time per row, as a multiple of the champion's.",
    z._default(z.number().check(z.minimum(1)), 3),
  ),
  sizeBytes: describe("Greatest size of model.onnx.", z._default(z.int().check(z.minimum(1)), 50_000_000)),
});

/** How a new version is tried live. */
const canary = z.strictObject({
  shadow: describe("How long it runs as a shadow, by the wall clock.", z._default(duration("30d"), "1h")),
  share: describe("Share that it then answers as challenger; 0 only scores.", z._default(ratio, 0.1)),
  deadline: describe(
    "When there must be a verdict, by the wall clock, from its start as challenger; a verdict takes ten days of outcomes at least.",
    z._default(duration("90d"), "21d"),
  ),
  atDeadline: describe(
    "What becomes of it where there is none by then.",
    z._default(z.enum(["promote", "hold", "rollBack"]), "rollBack"),
  ),
});

const defaultRows = { over: "28d", most: 500_000, least: 1000, holdout: 0.2 } as const;
const defaultTrees = {
  ...{ trees: 200, depth: 6, learningRate: 0.1, minChildWeight: 1, lambda: 1 },
  ...{ subsample: 1, columnSample: 1, stopAfter: 20, seed: 0 },
} as const;
const defaultGates = {
  logLoss: 0,
  auc: 0.002,
  calibration: 0.05,
  latencyRatio: 3,
  sizeBytes: 50_000_000,
} as const;
const defaultCanary = { shadow: "1h", share: 0.1, deadline: "21d", atDeadline: "rollBack" } as const;

/** How a model is trained anew. */
export const training = z.strictObject({
  rows: describe("Which examples are trained on.", z._default(rows, defaultRows)),
  trees: describe("Settings of the built-in trainer.", z._default(trees, defaultTrees)),
  augment: describe(
    "What is made of the training rows.",
    z._default(augment, { classWeights: "none", jitter: {}, mixUp: 0 }),
  ),
  teacher: describe(
    "Whose scores are learnt in place of the labels: the champion's, to make a small model of a big one.",
    z.optional(z.literal("champion")),
  ),
  gates: describe("What a new version must reach to be tried live.", z._default(gates, defaultGates)),
  canary: describe("How a new version is tried live.", z._default(canary, defaultCanary)),
});

export type Training = z.infer<typeof training>;
/** What holds where a package has no `training`. */
export const defaultTraining: Training = training.parse({});

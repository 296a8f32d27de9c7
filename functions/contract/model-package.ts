import * as z from "zod/mini";
import { condition } from "./condition.ts";
import { describe } from "./describe.ts";
import { drift } from "./drift.ts";
import { duration } from "./duration.ts";
import { feature } from "./feature.ts";
import { examples, outcome } from "./outcome.ts";
import { outputs } from "./output.ts";
import { packageProblems } from "./package-problems.ts";
import { path } from "./path.ts";
import { rollout } from "./rollout.ts";
import { segment } from "./segment.ts";
import { training } from "./training.ts";
import { view } from "./view.ts";

/** A model's name: it stands in S3 keys, DynamoDB keys, CDK ids and URLs. */
export const modelName = z
  .string()
  .check(
    z.regex(
      /^[a-z][a-z0-9-]{0,62}$/,
      "must be lower-case letters, digits and hyphens, at most 63, starting with a letter",
    ),
  );

/** JavaScript moves keys that are whole numbers to the front of their object, and the order of features is the tensor's. */
const featureName = z
  .string()
  .check(
    z.maxLength(256),
    z.regex(/[^0-9]/, "must hold more than digits: a number would lose its place in the order"),
  );

const viewName = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/,
      "must be letters, digits, _ and -, at most 63, starting with a letter",
    ),
  );

/** Bounds on one event; what exceeds them is rejected, never truncated. */
export const limits = z.strictObject({
  eventBytes: describe(
    "Greatest size of one event, in bytes, after decompression.",
    z._default(z.int().check(z.minimum(2), z.maximum(10 * 2 ** 20)), 256 * 1024),
  ),
  chunkRows: describe(
    "Rows per tensor run; trees do best from 128, wide networks at 8 to 32.",
    z._default(z.int().check(z.minimum(1), z.maximum(1024)), 1024),
  ),
});

const event = z.strictObject({
  id: describe(
    "Path of the event's id; with it a fact that is delivered or put twice makes one prediction.",
    z.optional(path),
  ),
  time: describe(
    "Path of the event's time: ISO 8601 (UTC where no zone is given) or epoch seconds or milliseconds; default: its arrival on the stream.",
    z.optional(path),
  ),
  ahead: describe(
    "How far an event's time may be ahead of what the stream has seen before it is rejected; a wrong clock then cannot make the rest late.",
    z._default(duration("30d"), "1d"),
  ),
  entity: describe(
    "Path of the entity that is routed to one alias and keys the predictions stream; default: the id.",
    z.optional(path),
  ),
});

const cache = z.strictObject({
  shared: describe(
    "Whether functions share results through the stage's table: auto asks it only where that was measured to cost less than running the rows.",
    z._default(z.enum(["auto", "always", "never"]), "auto"),
  ),
  ttl: describe(
    'How long shared results stand: a number of s, m, h or d, from "1s" to "30d".',
    z._default(duration("30d"), "10m"),
  ),
  memoryBytes: describe(
    "Bound of each function's in-memory result cache; 0 switches it off.",
    z._default(z.int().check(z.minimum(0), z.maximum(2 ** 30)), 16 * 2 ** 20),
  ),
});

/**
 * `model.json`: the single declaration a user writes about a model.
 *
 * Unknown keys are errors. Features stand in tensor order: the columns of the model's input.
 */
export const modelPackage = z
  .strictObject({
    $schema: describe("For editors: the JSON Schema of this file.", z.optional(z.string())),
    name: describe("Name of the model.", modelName),
    event: describe("Where an event's id, time and entity stand.", z._default(event, { ahead: "1d" })),
    predictOn: describe(
      "Which events ask for a prediction; default: every event.",
      z._default(condition, {}),
    ),
    features: describe(
      "The model's features by name, in tensor order.",
      z
        .record(featureName, feature)
        .check(z.refine((features) => Object.keys(features).length > 0, "at least one feature is needed")),
    ),
    views: describe(
      "Feature views by name: streaming aggregates that features are read from.",
      z._default(z.record(viewName, view), {}),
    ),
    outputs: describe("What a prediction carries, by name.", outputs),
    keep: describe(
      "Write every prediction with its features to the predictions table, even where no outcome will be joined.",
      z._default(z.boolean(), false),
    ),
    outcome: describe(
      "Which events carry the truth about a prediction, and what it is.",
      z.optional(outcome),
    ),
    examples: describe(
      "What is kept for training once the truth is known.",
      z._default(examples, { sample: 1 }),
    ),
    segments: describe(
      "Parts of the traffic that get a verdict of their own, by name.",
      z._default(
        z.record(viewName, segment).check(z.refine((all) => Object.keys(all).length <= 10, "at most 10")),
        {},
      ),
    ),
    rollout: describe(
      "When a challenger or a shadow is found better or worse than the champion.",
      z._default(rollout, {
        alpha: 0.05,
        minOutcomes: 1000,
        maxLatencyRatio: 3,
        maxErrorRatio: 0.01,
        maxRejectRatio: 0.01,
      }),
    ),
    drift: describe(
      "When features or scores count as drifted from the reference.",
      z._default(drift, {
        window: "1d",
        windows: { alarmed: 2, of: 3 },
        minSamples: 1000,
        exclude: [],
        rules: {},
      }),
    ),
    training: describe(
      "How new versions are trained from examples, and what they must reach.",
      z.optional(training),
    ),
    private: describe(
      "Paths that are never stored: removed from archive, rejects and examples; where one is an id or a view's key, its HMAC stands for it.",
      z._default(z.array(path).check(z.maxLength(100)), []),
    ),
    cache: describe(
      "The result cache.",
      z._default(cache, { shared: "auto", ttl: "10m", memoryBytes: 16 * 2 ** 20 }),
    ),
    limits: describe(
      "Bounds on one event and one run.",
      z._default(limits, { eventBytes: 256 * 1024, chunkRows: 1024 }),
    ),
    samplesTolerance: describe(
      "Greatest absolute difference allowed between a golden sample's output in samples.jsonl and the model's.",
      z._default(z.number().check(z.minimum(0)), 1e-5),
    ),
  })
  .check((payload) => {
    for (const { path: at, message } of packageProblems(payload.value))
      payload.issues.push({ code: "custom", path: at, message, input: payload.value });
  });

/** A validated `model.json`, defaults filled in. */
export type ModelPackage = z.infer<typeof modelPackage>;
/** A `model.json` as written, defaults left out. */
export type ModelPackageInput = z.input<typeof modelPackage>;

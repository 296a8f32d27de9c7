import * as z from "zod/mini";

/*
 * What goes between the states of a model's retraining: small JSON, of which everything that is large is a key of an
 * object in the data bucket, under `learning/<model>/<execution>/`.
 */

/** Why a model is trained anew. */
export const retrainReason = z.enum(["schedule", "drift", "accuracy", "person"]);

/** How an execution ended; `stopped` had nothing to train on, `refused` failed a gate. */
export const learningEnd = z.enum(["promoted", "rolledBack", "held", "refused", "stopped", "failed"]);

/** Names one execution; every state is given it. */
const execution = {
  model: z.string(),
  /** Letters, digits, - and _, at most 80. */
  execution: z.string(),
};

/** Input of the state machine. */
export const learningInput = z.object({
  ...execution,
  reason: retrainReason,
  /** Who or what asked. */
  by: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
});

/** Seconds that a step took by the clock. */
const seconds = z.number().check(z.minimum(0));

export const assembleInput = z.object(execution);

export const assembleOutput = z.object({
  /** Why there is nothing to train on: the execution then ends as `stopped`, and the rest of this is absent or 0. */
  stop: z.optional(z.object({ code: z.string(), message: z.string() })),
  manifestKey: z.optional(z.string()),
  /** Digest of the version that the new one is compared with. */
  champion: z.optional(z.string()),
  rows: z.object({ train: z.int(), holdout: z.int() }),
  seconds,
});

export const trainInput = z.object({ ...execution, manifestKey: z.string() });

export const trainOutput = z.object({
  modelKey: z.string(),
  metricsKey: z.string(),
  reportKey: z.string(),
  rows: z.int(),
  /** Rounds of boosting that were kept. */
  rounds: z.int(),
  seconds,
});

export const evaluateInput = z.object({ ...execution, manifestKey: z.string(), modelKey: z.string() });

/** `HoldoutFigures` as JSON has it: what there is not is absent, what is no number is null. */
const holdoutFigures = z.object({
  rows: z.int(),
  loss: z.nullable(z.number()),
  brier: z.nullable(z.number()),
  auc: z.optional(z.nullable(z.number())),
  calibration: z.optional(z.nullable(z.number())),
  latencyUs: z.nullable(z.number()),
  sizeBytes: z.number(),
});

/** Both versions on the same held-out rows. */
const figures = z.object({ champion: holdoutFigures, challenger: holdoutFigures });

export const evaluateOutput = z.object({
  passed: z.boolean(),
  /** What it came to, in one line: the gates that were failed, or by how much it is better. */
  why: z.string(),
  gates: z.array(
    z.object({
      name: z.string(),
      got: z.nullable(z.number()),
      allowed: z.number(),
      isPassed: z.boolean(),
    }),
  ),
  ...figures.shape,
  /** All of this as an object. */
  figuresKey: z.string(),
  /** Mean difference between the new version's scores and its teacher's, where it had one. */
  teacherLoss: z.optional(z.number()),
  seconds,
});

/** What a step took, and what a second of it costs. */
const spent = z.object({ step: z.string(), seconds, dollarsPerSecond: z.number() });

/** Input of the rollout function, by action. Every action may be called again, and then changes nothing more. */
export const rolloutInput = z.discriminatedUnion("action", [
  z.object({
    ...execution,
    action: z.literal("register"),
    manifestKey: z.string(),
    modelKey: z.string(),
    figures,
  }),
  z.object({ ...execution, action: z.literal("shadow"), digest: z.string() }),
  z.object({ ...execution, action: z.literal("challenge"), digest: z.string() }),
  z.object({
    ...execution,
    action: z.literal("check"),
    digest: z.string(),
    deadline: z.string(),
    /** `none`: a verdict suffices. `ask`: it is answered with `ask`. `asked`: wait until a person made it champion. */
    approval: z.enum(["none", "ask", "asked"]),
  }),
  /** Tell people that the version waits for `npm run models -- promote`. */
  z.object({ ...execution, action: z.literal("ask"), digest: z.string(), why: z.string() }),
  z.object({
    ...execution,
    action: z.enum(["promote", "rollBack", "hold"]),
    digest: z.string(),
    why: z.string(),
  }),
  /** Take off what this execution put beside the champion, whichever step it had come to. */
  z.object({
    ...execution,
    action: z.literal("giveUp"),
    /** As Step Functions tells of it: the error's name, and its cause as text, often JSON. */
    error: z.object({ Error: z.optional(z.string()), Cause: z.optional(z.string()) }),
  }),
  /** Write the record, so that another execution may start, then tell people. */
  z.object({
    ...execution,
    action: z.literal("notify"),
    end: learningEnd,
    why: z.string(),
    /** Rows trained on; 0 where it did not come to that. */
    rows: z.int(),
    /** Steps that did not run took 0 s. */
    spent: z.array(spent),
  }),
]);

const end = z.object({ end: learningEnd, why: z.string() });

/** Output of the rollout function, by action. */
export const rolloutOutputs = {
  register: z.object({ digest: z.string() }),
  /** ISO 8601: when it has been a shadow for long enough. */
  shadow: z.object({ until: z.string() }),
  /** ISO 8601: when there must be a verdict. */
  challenge: z.object({ deadline: z.string() }),
  check: z.object({ decision: z.enum(["promote", "rollBack", "hold", "wait", "ask"]), why: z.string() }),
  ask: z.object({}),
  promote: end,
  rollBack: end,
  hold: end,
  /** `failed`, and the error in words. */
  giveUp: end,
  notify: z.object({}),
} as const;

export type RetrainReason = z.infer<typeof retrainReason>;
export type LearningEnd = z.infer<typeof learningEnd>;
export type LearningInput = z.infer<typeof learningInput>;
export type AssembleInput = z.infer<typeof assembleInput>;
export type AssembleOutput = z.infer<typeof assembleOutput>;
export type TrainInput = z.infer<typeof trainInput>;
export type TrainOutput = z.infer<typeof trainOutput>;
export type EvaluateInput = z.infer<typeof evaluateInput>;
export type EvaluateOutput = z.infer<typeof evaluateOutput>;
export type RolloutInput = z.infer<typeof rolloutInput>;
export type RolloutAction = RolloutInput["action"];
export type RolloutOutput<Action extends RolloutAction> = z.infer<(typeof rolloutOutputs)[Action]>;

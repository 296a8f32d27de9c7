import type { LearningEnd, RolloutAction } from "../../functions/contract/learning.ts";
import {
  invokeState,
  passOn,
  type State,
  stepTimeoutSeconds,
  type TrainingJob,
  trainingJobState,
} from "./learning-tasks.ts";

/** The functions that the states call, by ARN. */
export interface LearningFunctions {
  readonly assemble: string;
  /** Absent where a job of SageMaker trains. */
  readonly train: string | undefined;
  readonly evaluate: string;
  readonly rollout: string;
}

export interface LearningDefinitionOptions {
  readonly model: string;
  readonly functions: LearningFunctions;
  /** Whether a person has to promote what the verdict favours. */
  readonly approval: boolean;
  /** In place of the train function. */
  readonly trainingJob?: TrainingJob | undefined;
  /** What a second of each step costs, for the estimate of an execution. */
  readonly dollarsPerSecond: Readonly<Record<"assemble" | "train" | "evaluate", number>>;
  /** How often it looks for a verdict, and for an approval. */
  readonly checkSeconds: number;
}

/** A state machine in Amazon States Language with JSONPath, as plain JSON. */
export interface LearningDefinition {
  readonly Comment: string;
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

/** A package's longest shadow and deadline, 30 and 90 days, and ten for all else. */
const longestSeconds = (30 + 90 + 10) * 86_400;

/**
 * The retraining of one model: assemble, train, evaluate, register, try beside the champion, promote or roll back, tell.
 *
 * Whatever fails leads over `GiveUp`, which takes off what this execution put beside the champion, to `Notify`. States
 * call functions that may be called again, so each is tried again by what its error is called.
 *
 * What goes from state to state is small: `$.assembled.out`, `$.trained.out` and `$.evaluated.out` as
 * `contract/learning.ts` has them, and `$.outcome` with how it ends and why.
 */
export function learningDefinition(options: LearningDefinitionOptions): LearningDefinition {
  const { model, approval, checkSeconds } = options;
  return {
    Comment: `trains ${model} anew, and promotes what proves better`,
    StartAt: "Begin",
    TimeoutSeconds: longestSeconds,
    States: {
      Begin: {
        Type: "Pass",
        Parameters: {
          ...passOn("model", "execution", "reason", "by", "startedAt"),
          // What is told at the end, for those that end before.
          assembled: { out: { rows: { train: 0, holdout: 0 }, seconds: 0 } },
          trained: { out: { seconds: 0 } },
          evaluated: { out: { seconds: 0 } },
        },
        Next: "Assemble",
      },
      ...buildStates(options),
      ...tryStates(options),
      ...(approval ? approvalStates(options) : {}),
      ...endStates(options),
      ...waits(checkSeconds, approval),
    },
  };
}

/** From examples to a registered version. */
function buildStates({ functions, model, trainingJob }: LearningDefinitionOptions): Record<string, State> {
  const manifestKey = { "manifestKey.$": "$.assembled.out.manifestKey" };
  const modelKey = { "modelKey.$": "$.trained.out.modelKey" };
  return {
    Assemble: step(functions.assemble, { name: "assemble", into: "assembled", Next: "Enough" }),
    Enough: {
      Type: "Choice",
      Choices: [{ Variable: "$.assembled.out.stop", IsPresent: true, Next: "Stopped" }],
      Default: "Train",
    },
    Stopped: outcome("stopped", "$.assembled.out.stop.message"),
    Train:
      trainingJob === undefined
        ? step(functions.train!, { name: "train", into: "trained", payload: manifestKey, Next: "Evaluate" })
        : trainingJobState(model, trainingJob),
    Evaluate: step(functions.evaluate, {
      ...{ name: "evaluate", into: "evaluated", payload: { ...manifestKey, ...modelKey }, Next: "Passed" },
    }),
    Passed: {
      Type: "Choice",
      Choices: [{ Variable: "$.evaluated.out.passed", BooleanEquals: true, Next: "Register" }],
      Default: "Refused",
    },
    Refused: outcome("refused", "$.evaluated.out.why"),
    Register: rollout(functions, "register", {
      payload: {
        ...manifestKey,
        ...modelKey,
        figures: {
          "champion.$": "$.evaluated.out.champion",
          "challenger.$": "$.evaluated.out.challenger",
        },
      },
      ResultSelector: { "digest.$": "$.Payload.digest" },
      ResultPath: "$.registered",
      Next: "Shadow",
    }),
  };
}

/** From a registered version to what becomes of it. */
function tryStates({ functions, approval }: LearningDefinitionOptions): Record<string, State> {
  return {
    Shadow: rollout(functions, "shadow", {
      payload: digest,
      ResultSelector: { "until.$": "$.Payload.until" },
      ResultPath: "$.shadowed",
      Next: "WaitForShadow",
    }),
    Challenge: rollout(functions, "challenge", {
      payload: digest,
      ResultSelector: { "deadline.$": "$.Payload.deadline" },
      ResultPath: "$.challenged",
      Next: "WaitForVerdict",
    }),
    Check: check(functions, { approval: approval ? "ask" : "none", Next: "Decide" }),
    Decide: decide([...decided, ...(approval ? ["ask"] : [])], "WaitForVerdict"),
    ...Object.fromEntries(
      decided.map((decision) => [
        stateOf[decision],
        rollout(functions, decision, {
          payload: { ...digest, "why.$": "$.checked.why" },
          ResultSelector: { "end.$": "$.Payload.end", "why.$": "$.Payload.why" },
          ResultPath: "$.outcome",
          Next: "Notify",
        }),
      ]),
    ),
  };
}

/** A verdict in favour is told to people, and then the ledger is looked at for what they make of it. */
function approvalStates({ functions }: LearningDefinitionOptions): Record<string, State> {
  return {
    Ask: rollout(functions, "ask", {
      payload: { ...digest, "why.$": "$.checked.why" },
      ResultPath: null,
      Next: "WaitForApproval",
    }),
    CheckApproval: check(functions, { approval: "asked", Next: "DecideApproval" }),
    DecideApproval: decide(decided, "WaitForApproval"),
  };
}

/** However it ended: it is taken back where it must be, and told. */
function endStates({ functions, dollarsPerSecond }: LearningDefinitionOptions): Record<string, State> {
  const spent = (name: keyof typeof dollarsPerSecond, from: string) => ({
    step: name,
    "seconds.$": `$.${from}.out.seconds`,
    dollarsPerSecond: dollarsPerSecond[name],
  });
  return {
    GiveUp: rollout(functions, "giveUp", {
      payload: { "error.$": "$.error" },
      ResultSelector: { "end.$": "$.Payload.end", "why.$": "$.Payload.why" },
      ResultPath: "$.outcome",
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "LeftBeside" }],
      Next: "Notify",
    }),
    LeftBeside: {
      Type: "Pass",
      Parameters: {
        end: "failed" satisfies LearningEnd,
        "why.$":
          "States.Format('it failed, and what it put beside the champion could not be taken off: {}', $.error.Error)",
      },
      ResultPath: "$.outcome",
      Next: "Notify",
    },
    Notify: rollout(functions, "notify", {
      payload: {
        "end.$": "$.outcome.end",
        "why.$": "$.outcome.why",
        "rows.$": "$.assembled.out.rows.train",
        spent: [spent("assemble", "assembled"), spent("train", "trained"), spent("evaluate", "evaluated")],
      },
      ResultPath: null,
      // Nothing is left to be done but to fail, which the alarm tells.
      Catch: undefined,
      Next: "Ended",
    }),
    Ended: {
      Type: "Choice",
      Choices: [{ Variable: "$.outcome.end", StringEquals: "failed" satisfies LearningEnd, Next: "Failed" }],
      Default: "Done",
    },
    Failed: { Type: "Fail", Error: "RetrainingFailed", Cause: "see the record: npm run retrain -- --status" },
    Done: { Type: "Succeed" },
  };
}

function waits(checkSeconds: number, approval: boolean): Record<string, State> {
  return {
    WaitForShadow: { Type: "Wait", TimestampPath: "$.shadowed.until", Next: "Challenge" },
    WaitForVerdict: { Type: "Wait", Seconds: checkSeconds, Next: "Check" },
    ...(approval && { WaitForApproval: { Type: "Wait", Seconds: checkSeconds, Next: "CheckApproval" } }),
  };
}

const decided = ["promote", "rollBack", "hold"] as const;
const stateOf: Readonly<Record<string, string>> = {
  ...{ promote: "Promote", rollBack: "RollBack", hold: "Hold", ask: "Ask" },
};
const digest = { "digest.$": "$.registered.digest" };

function decide(decisions: readonly string[], otherwise: string): State {
  const Choices = decisions.map((each) => ({
    Variable: "$.checked.decision",
    StringEquals: each,
    Next: stateOf[each],
  }));
  return { Type: "Choice", Choices, Default: otherwise };
}

function outcome(end: LearningEnd, whyPath: string): State {
  return { Type: "Pass", Parameters: { end, "why.$": whyPath }, ResultPath: "$.outcome", Next: "Notify" };
}

function check(
  functions: LearningFunctions,
  { approval, Next }: { readonly approval: "none" | "ask" | "asked"; readonly Next: string },
): State {
  return rollout(functions, "check", {
    payload: { ...digest, "deadline.$": "$.challenged.deadline", approval },
    ResultSelector: { "decision.$": "$.Payload.decision", "why.$": "$.Payload.why" },
    ResultPath: "$.checked",
    Next,
  });
}

function step(
  functionArn: string,
  {
    name,
    into,
    payload = {},
    Next,
  }: {
    readonly name: keyof typeof stepTimeoutSeconds;
    /** Its output is found in `$.<into>.out`. */
    readonly into: string;
    readonly payload?: object;
    readonly Next: string;
  },
): State {
  return {
    ...invokeState(functionArn, payload, stepTimeoutSeconds[name]),
    ResultSelector: { "out.$": "$.Payload" },
    ResultPath: `$.${into}`,
    Next,
  };
}

function rollout(
  functions: LearningFunctions,
  action: RolloutAction,
  { payload, ...rest }: { readonly payload: object } & Readonly<Record<string, unknown>>,
): State {
  return { ...invokeState(functions.rollout, { action, ...payload }, stepTimeoutSeconds.rollout), ...rest };
}

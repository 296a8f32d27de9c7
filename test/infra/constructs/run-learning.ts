import { learningDefinition } from "../../../infra/constructs/learning-definition.ts";
import { Activity } from "../../../scripts/local/clock/activity.ts";
import { VirtualClock } from "../../../scripts/local/clock/virtual-clock.ts";
import { MetricStore } from "../../../scripts/local/metrics/metric-store.ts";
import { StateMachines } from "../../../scripts/local/stepfunctions/state-machines.ts";

/** What a function or an action of the rollout function answers to a payload; it may throw. */
export type Answer = (payload: Record<string, unknown>) => unknown;

export const startMs = Date.UTC(2026, 0, 15, 4);
export const at = (seconds: number) => new Date(startMs + seconds * 1000).toISOString();

const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

export const definitionOptions = {
  model: "trees",
  functions: {
    assemble: arn("assemble"),
    train: arn("train"),
    evaluate: arn("evaluate"),
    rollout: arn("rollout"),
  },
  approval: false,
  dollarsPerSecond: { assemble: 0.00002, train: 0.00004, evaluate: 0.00002 },
  checkSeconds: 3600,
};

const figures = { rows: 20, loss: 0.5, brier: 0.2, latencyUs: 10, sizeBytes: 1000 };

/** An execution in which all goes well, and the second look finds a verdict. */
export function goodAnswers(): Record<string, Answer> {
  let looks = 0;
  return {
    assemble: () => ({
      manifestKey: "learning/trees/x/manifest.json",
      champion: "c".repeat(64),
      rows: { train: 80, holdout: 20 },
      seconds: 10,
    }),
    train: () => ({ modelKey: "learning/trees/x/output/model.onnx", rows: 80, rounds: 5, seconds: 20 }),
    evaluate: () => ({
      passed: true,
      why: "better",
      gates: [],
      champion: figures,
      challenger: { ...figures, loss: 0.4 },
      figuresKey: "learning/trees/x/figures.json",
      seconds: 5,
    }),
    register: () => ({ digest: "d".repeat(64) }),
    shadow: () => ({ until: at(3600) }),
    challenge: () => ({ deadline: at(7 * 86_400) }),
    check: () => (++looks < 2 ? { decision: "wait", why: "early" } : { decision: "promote", why: "won" }),
    ask: () => ({}),
    promote: ({ why }) => ({ end: "promoted", why }),
    rollBack: ({ why }) => ({ end: "rolledBack", why }),
    hold: ({ why }) => ({ end: "held", why }),
    giveUp: ({ error }) => ({ end: "failed", why: (error as { Error: string }).Error }),
    notify: () => ({}),
  };
}

export interface Call {
  /** A function, or an action of the rollout function. */
  readonly name: string;
  readonly payload: Record<string, unknown>;
  readonly atSeconds: number;
}

export interface LearningResult {
  readonly status: string;
  readonly error: string | undefined;
  readonly calls: readonly Call[];
  /** What was told, by notify. */
  readonly told: Record<string, unknown> | undefined;
}

/** Run the definition to its end on a virtual clock, with these answers in place of functions. */
export async function runLearning(
  answers: Record<string, Answer>,
  options: Partial<Parameters<typeof learningDefinition>[0]> = {},
): Promise<LearningResult> {
  const [clock, activity] = [new VirtualClock(startMs), new Activity()];
  const calls: Call[] = [];
  const unused = () => Promise.reject(new Error("no state calls it"));
  const machines = new StateMachines({
    ...{ clock, activity, metrics: new MetricStore(), onLog: () => undefined },
    services: {
      async invoke(functionArn, text) {
        const payload = JSON.parse(text) as Record<string, unknown>;
        const name = String(payload.action ?? functionArn.split(":").at(-1));
        calls.push({ name, payload, atSeconds: (clock.nowMs() - startMs) / 1000 });
        const about = { requestId: "1", durationMs: 1, logTail: "" };
        try {
          return { ...about, payload: Buffer.from(JSON.stringify((await answers[name]!(payload)) ?? null)) };
        } catch (error) {
          const { name: errorType, message: errorMessage } = error as Error;
          const told = Buffer.from(JSON.stringify({ errorType, errorMessage }));
          return { ...about, payload: told, functionError: "Unhandled" };
        }
      },
      invokeAsync: () => undefined,
      publish: unused,
      sendMessage: unused,
      dynamodb: { send: unused },
    },
  });
  try {
    const machine = machines.create({
      name: "trees",
      roleArn: "arn:aws:iam::000000000000:role/r",
      definitionText: JSON.stringify(learningDefinition({ ...definitionOptions, ...options })),
      loggingConfiguration: undefined,
      tracingConfiguration: undefined,
    });
    const input = {
      ...{ model: "trees", execution: "trees-20260115-1", reason: "schedule", by: "schedule" },
      startedAt: at(0),
    };
    const { arn: executionArn } = machines.start(machine.arn, { input: JSON.stringify(input) });
    await clock.advanceTo(startMs + 200 * 86_400_000, () => activity.idle());
    const { status, error } = machines.getExecution(executionArn);
    return { status, error, calls, told: calls.findLast(({ name }) => name === "notify")?.payload };
  } finally {
    await machines.close();
  }
}

/** An error as Lambda tells it. */
export function failure(name: string): Error {
  return Object.assign(new Error(`${name} of a test`), { name });
}

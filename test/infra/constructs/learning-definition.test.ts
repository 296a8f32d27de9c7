import { createRequire } from "node:module";
import { describe, expect, it, test } from "vitest";
import {
  assembleInput,
  evaluateInput,
  rolloutInput,
  trainInput,
} from "../../../functions/contract/learning.ts";
import { learningDefinition } from "../../../infra/constructs/learning-definition.ts";
import { type Answer, at, definitionOptions, failure, goodAnswers, runLearning } from "./run-learning.ts";

const validate = createRequire(import.meta.url)("asl-validator") as (definition: object) => {
  readonly isValid: boolean;
  errorsText(separator: string): string;
};

const trainingJob = {
  image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/trainer:1",
  roleArn: "arn:aws:iam::000000000000:role/trainer",
  bucket: "data",
  ...{ instanceType: "ml.m5.xlarge", instanceCount: 1, volumeGiB: 30, maxSeconds: 7200 },
};

const forms = [
  ["built in", {}],
  ["with approval", { approval: true }],
  ["with a job of SageMaker", { trainingJob }],
] as const;

describe.each(forms)("the definition of retraining, %s", (_name, options) => {
  const definition = JSON.parse(
    JSON.stringify(learningDefinition({ ...definitionOptions, ...options })),
  ) as ReturnType<typeof learningDefinition>;
  const states = Object.entries(definition.States);

  it("is Amazon States Language", () => {
    const result = validate(definition);
    expect(result.errorsText("\n")).toBe("");
    expect(result.isValid).toBe(true);
  });

  it("bounds every task, tries it again, and catches what then remains", () => {
    const tasks = states.filter(([, { Type }]) => Type === "Task");
    expect(tasks.length).toBeGreaterThanOrEqual(12);
    for (const [name, { TimeoutSeconds, Retry, Catch }] of tasks) {
      expect(TimeoutSeconds, name).toBeGreaterThan(0);
      for (const each of Retry as { ErrorEquals: string[]; MaxAttempts: number }[]) {
        expect(each.MaxAttempts, name).toBeLessThanOrEqual(8);
        // By name: what is wrong with data or code is wrong the next time too.
        expect(each.ErrorEquals, name).not.toContain("States.ALL");
        expect(each.ErrorEquals, name).not.toContain("States.TaskFailed");
      }
      const next = name === "Notify" ? undefined : name === "GiveUp" ? "LeftBeside" : "GiveUp";
      expect((Catch as { Next: string }[] | undefined)?.[0]?.Next, name).toBe(next);
    }
  });

  it("reaches every state", () => {
    const named = [definition.StartAt, ...states.flatMap(([, state]) => nextOf(state))];
    expect([...new Set(named)].sort()).toEqual(Object.keys(definition.States).sort());
  });
});

/** Every state that one may lead to. */
function nextOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    (key === "Next" || key === "Default") && typeof each === "string" ? [each] : nextOf(each),
  );
}

describe("an execution", () => {
  it("promotes what proves better, and tells what it took", async () => {
    const { status, calls, told } = await runLearning(goodAnswers());
    expect(calls.map(({ name, atSeconds }) => `${atSeconds} ${name}`)).toEqual([
      ...["0 assemble", "0 train", "0 evaluate", "0 register", "0 shadow"],
      // An hour as shadow, then it looks each hour.
      ...["3600 challenge", "7200 check", "10800 check", "10800 promote", "10800 notify"],
    ]);
    expect(status).toBe("SUCCEEDED");
    expect(told).toMatchObject({
      ...{ model: "trees", execution: "trees-20260115-1", end: "promoted", why: "won", rows: 80 },
      spent: [
        { step: "assemble", seconds: 10, dollarsPerSecond: 0.00002 },
        { step: "train", seconds: 20, dollarsPerSecond: 0.00004 },
        { step: "evaluate", seconds: 5, dollarsPerSecond: 0.00002 },
      ],
    });
  });

  it("gives every function what its contract says", async () => {
    const inputs = { assemble: assembleInput, train: trainInput, evaluate: evaluateInput };
    for (const approval of [false, true]) {
      const { calls } = await runLearning(
        { ...goodAnswers(), ...(approval && { check: approved() }) },
        { approval },
      );
      for (const { name, payload } of calls) {
        const schema = Object.hasOwn(inputs, name) ? inputs[name as keyof typeof inputs] : rolloutInput;
        expect(schema.safeParse(payload).error, name).toBeUndefined();
      }
    }
  });

  it("stops, telling why, where there is nothing to train on", async () => {
    const stop = { code: "rows.few", message: "got 12 rows, expected at least 1000" };
    const { status, calls, told } = await runLearning({
      ...goodAnswers(),
      assemble: () => ({ stop, rows: { train: 0, holdout: 0 }, seconds: 3 }),
    });
    expect(calls.map(({ name }) => name)).toEqual(["assemble", "notify"]);
    expect(status).toBe("SUCCEEDED");
    expect(told).toMatchObject({ end: "stopped", why: stop.message, rows: 0 });
  });

  it("is refused by a gate without touching an alias", async () => {
    const good = goodAnswers();
    const { status, calls, told } = await runLearning({
      ...good,
      evaluate: (payload) => ({
        ...(good.evaluate!(payload) as object),
        passed: false,
        why: "log-loss rose",
      }),
    });
    expect(calls.map(({ name }) => name)).toEqual(["assemble", "train", "evaluate", "notify"]);
    expect(status).toBe("SUCCEEDED");
    expect(told).toMatchObject({ end: "refused", why: "log-loss rose" });
  });

  test.each([
    ["rollBack", "rolledBack"],
    ["hold", "held"],
  ])("ends by %s as %s where that is the verdict", async (decision, end) => {
    const { status, calls, told } = await runLearning({
      ...goodAnswers(),
      check: () => ({ decision, why: "so it is" }),
    });
    expect(calls.slice(-3).map(({ name }) => name)).toEqual(["check", decision, "notify"]);
    expect(status).toBe("SUCCEEDED");
    expect(told).toMatchObject({ end, why: "so it is" });
  });

  it("looks for a verdict for 90 days, which is a package's longest deadline", async () => {
    const deadline = at(3600 + 90 * 86_400);
    const { status, calls } = await runLearning({
      ...goodAnswers(),
      challenge: () => ({ deadline }),
      check: lookingUntil(deadline),
    });
    expect(calls.filter(({ name }) => name === "check")).toHaveLength(90 * 24);
    expect(status).toBe("SUCCEEDED");
  });

  /** Of a run in which approval is asked for, so that every task is come to. */
  const tasks = [
    ...["assemble", "train", "evaluate", "register", "shadow", "challenge", "check", "ask", "promote"],
  ];

  test.each(tasks)("gives up where %s fails, and tells it", async (name) => {
    const { status, error, calls, told } = await runLearning(
      { ...goodAnswers(), check: approved(), [name]: fails("InvariantError") },
      { approval: true },
    );
    expect(calls.slice(-3).map((each) => each.name)).toEqual([name, "giveUp", "notify"]);
    expect(told).toMatchObject({ end: "failed", why: "InvariantError" });
    // So that the alarm goes off.
    expect([status, error]).toEqual(["FAILED", "RetrainingFailed"]);
  });

  test.each(["rollBack", "hold"])("gives up where %s fails, and tells it", async (decision) => {
    const { calls, told } = await runLearning({
      ...goodAnswers(),
      check: () => ({ decision, why: "so it is" }),
      [decision]: fails("ModelNotFoundError"),
    });
    expect(calls.slice(-3).map((each) => each.name)).toEqual([decision, "giveUp", "notify"]);
    expect(told).toMatchObject({ end: "failed", why: "ModelNotFoundError" });
  });

  it("tells where even giving up fails", async () => {
    const { status, told } = await runLearning({
      ...goodAnswers(),
      shadow: fails("InvariantError"),
      giveUp: fails("ConfigError"),
    });
    expect(status).toBe("FAILED");
    expect(told).toMatchObject({ end: "failed", why: expect.stringContaining("ConfigError") });
  });

  it("fails where it cannot tell, which the alarm does", async () => {
    const { status, error } = await runLearning({ ...goodAnswers(), notify: fails("InvariantError") });
    expect([status, error]).toEqual(["FAILED", "InvariantError"]);
  });

  test.each([
    ["DependencyError", 8],
    ["ConflictError", 8],
    ["ModelRunError", 1],
    ["Lambda.Unknown", 1],
    ["InputError", 0],
    ["ModelArtifactError", 0],
    ["ConfigError", 0],
  ])("tries a task that fails by %s again %i times", async (errorName, times) => {
    for (const name of ["train", "promote", "notify"]) {
      const { calls } = await runLearning({ ...goodAnswers(), [name]: fails(errorName) });
      expect(calls.filter((each) => each.name === name)).toHaveLength(1 + times);
    }
  });

  it("goes on where a task succeeds at another attempt", async () => {
    const good = goodAnswers();
    let attempts = 0;
    const { status, told } = await runLearning({
      ...good,
      train: (payload) => {
        if (++attempts < 4) throw failure("DependencyError");
        return good.train!(payload);
      },
    });
    expect([status, told?.end, attempts]).toEqual(["SUCCEEDED", "promoted", 4]);
  });
});

describe("an execution that needs approval", () => {
  it("asks once, and waits until a person has promoted", async () => {
    const { calls, told } = await runLearning({ ...goodAnswers(), check: approved() }, { approval: true });
    expect(calls.slice(5).map(({ name, payload }) => `${name} ${payload.approval ?? ""}`.trim())).toEqual([
      ...["challenge", "check ask", "ask", "check asked", "check asked", "promote", "notify"],
    ]);
    expect(told).toMatchObject({ end: "promoted" });
  });

  it("is rolled back where the verdict turns before anybody approved", async () => {
    const { calls } = await runLearning(
      {
        ...goodAnswers(),
        check: ({ approval }) =>
          approval === "ask" ? { decision: "ask", why: "won" } : { decision: "rollBack", why: "lost" },
      },
      { approval: true },
    );
    expect(calls.slice(-3).map(({ name }) => name)).toEqual(["check", "rollBack", "notify"]);
  });
});

/** Asks, then waits once. */
function approved(): Answer {
  let looks = 0;
  return ({ approval }) => {
    if (approval === "ask") return { decision: "ask", why: "won" };
    return ++looks < 2
      ? { decision: "wait", why: "nobody promoted it" }
      : { decision: "promote", why: "won" };
  };
}

function lookingUntil(deadline: string): Answer {
  let hours = 1;
  return () => ({
    decision: at(3600 * ++hours) < deadline ? "wait" : "rollBack",
    why: "no verdict",
  });
}

function fails(name: string): Answer {
  return () => {
    throw failure(name);
  };
}

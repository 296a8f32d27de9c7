import { setImmediate as immediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AwsError } from "../../../../scripts/local/aws-error.ts";
import { Activity } from "../../../../scripts/local/clock/activity.ts";
import { VirtualClock } from "../../../../scripts/local/clock/virtual-clock.ts";
import { MetricStore } from "../../../../scripts/local/metrics/metric-store.ts";
import { loadInterpreter } from "../../../../scripts/local/stepfunctions/interpreter.ts";
import { StateMachines } from "../../../../scripts/local/stepfunctions/state-machines.ts";

const startMs = Date.UTC(2026, 0, 1, 12);

let clock: VirtualClock;
let activity: Activity;
let metrics: MetricStore;
let machines: StateMachines;
/** What functions do, by name: answer, or throw an error as Lambda tells it. */
let functions: Record<string, (input: Record<string, unknown>) => unknown>;
let calls: string[];
let published: object[];

beforeEach(() => {
  clock = new VirtualClock(startMs);
  activity = new Activity();
  metrics = new MetricStore();
  [functions, calls, published] = [{}, [], []];
  const invoke = async (functionName: string, payload: string) => {
    const name = functionName.split(":").at(-1) ?? "";
    calls.push(`${(clock.nowMs() - startMs) / 1000} ${name}`);
    const run = functions[name];
    if (run === undefined)
      throw new AwsError("ResourceNotFoundException", `Function not found: ${name}`, 404);
    const about = { requestId: "1", durationMs: 1, logTail: "" };
    try {
      const result = await run(JSON.parse(payload));
      return { ...about, payload: Buffer.from(JSON.stringify(result ?? null)) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      const payloadOfError = Buffer.from(JSON.stringify({ errorType, errorMessage, trace: [] }));
      return { ...about, payload: payloadOfError, functionError: "Unhandled" };
    }
  };
  machines = new StateMachines({
    clock,
    activity,
    metrics,
    services: {
      invoke,
      invokeAsync: (name, payload) => void invoke(name, payload),
      publish: async (topicArn, message) => `id ${published.push({ topicArn, ...message })}`,
      sendMessage: async (queueArn, message) => `id ${published.push({ queueArn, ...message })}`,
      dynamodb: { send: async () => Promise.reject(named("ConditionalCheckFailedException", "no")) },
    },
    onLog: () => undefined,
  });
});
afterEach(() => machines.close());

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** A task that calls a function with the state's input and answers with what it gave. */
function call(name: string, rest: object = { End: true }) {
  const Parameters = {
    FunctionName: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    "Payload.$": "$",
  };
  return {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters,
    OutputPath: "$.Payload",
    ...rest,
  };
}

function create(States: Record<string, object>, rest: object = {}) {
  const definitionText = JSON.stringify({ StartAt: Object.keys(States)[0], States, ...rest });
  const kept = { loggingConfiguration: undefined, tracingConfiguration: undefined };
  return machines.create({
    name: "machine",
    roleArn: "arn:aws:iam::000000000000:role/r",
    definitionText,
    ...kept,
  }).arn;
}

/** Run to the end, however long it waits. */
async function run(States: Record<string, object>, input: unknown = {}, rest: object = {}) {
  const { arn } = machines.start(create(States, rest), { input: JSON.stringify(input) });
  await advance(365 * 86_400);
  const { status, output, error, cause } = machines.getExecution(arn);
  return { status, error, cause, output: output === undefined ? undefined : JSON.parse(output) };
}

const advance = (seconds: number) => clock.advanceTo(startMs + seconds * 1000, () => activity.idle());

describe("an execution", () => {
  it("goes from task to task by paths, choices and results", async () => {
    functions = { assemble: ({ model }) => ({ rows: 10, model }), train: () => ({ auc: 0.75 }) };
    const result = await run(
      {
        Assemble: call("assemble", {
          OutputPath: "$",
          ResultSelector: { "rows.$": "$.Payload.rows" },
          ResultPath: "$.assembled",
          Next: "Enough?",
        }),
        "Enough?": {
          Type: "Choice",
          Choices: [{ Variable: "$.assembled.rows", NumericGreaterThanEquals: 10, Next: "Train" }],
          Default: "Too few",
        },
        Train: call("train", { OutputPath: "$", ResultPath: "$.trained", Next: "Shape" }),
        Shape: {
          Type: "Pass",
          Parameters: {
            "auc.$": "$.trained.Payload.auc",
            "text.$": "States.Format('{} rows', $.assembled.rows)",
          },
          Next: "Done",
        },
        Done: { Type: "Succeed" },
        "Too few": { Type: "Fail", Error: "TooFewRows", Cause: "fewer than 10" },
      },
      { model: "m" },
    );
    expect(result).toEqual({ status: "SUCCEEDED", output: { auc: 0.75, text: "10 rows" } });
    expect(metrics.sum({ namespace: "AWS/States", metric: "ExecutionsSucceeded" })).toBe(1);
  });

  it("finds by its paths also what is nothing, no, zero or empty", async () => {
    const input = { none: null, no: false, zero: 0, empty: "", list: [] };
    const Parameters = Object.fromEntries(Object.keys(input).map((key) => [`${key}.$`, `$.${key}`]));
    const Choices = [{ Variable: "$.no", BooleanEquals: false, Next: "Task" }];
    functions = { echo: (all) => all };
    const result = await run(
      {
        Pass: { Type: "Pass", Parameters, Next: "Choice" },
        Choice: { Type: "Choice", Choices },
        Task: call("echo", { Next: "Result" }),
        Result: { Type: "Pass", Result: 0, ResultPath: "$.result", Next: "Nothing" },
        Nothing: { Type: "Pass", Result: null, ResultPath: "$.nothing", End: true },
      },
      input,
    );
    expect(result.output).toEqual({ ...input, result: 0, nothing: null });
  });

  it("ends with the error and cause of the state that fails it", async () => {
    const States = { Stop: { Type: "Fail", Error: "TooFewRows", Cause: "fewer than 10" } };
    expect(await run(States)).toMatchObject({
      status: "FAILED",
      error: "TooFewRows",
      cause: "fewer than 10",
    });
    expect(metrics.sum({ namespace: "AWS/States", metric: "ExecutionsFailed" })).toBe(1);
  });

  it("waits by the clock, for seconds, until times, by constants and by paths", async () => {
    functions = { look: () => null };
    const wait = (settings: object, Next: string) => ({ Type: "Wait", ...settings, Next });
    const result = await run(
      {
        A: wait({ Seconds: 86_400 }, "Look"),
        Look: call("look", { ResultPath: null, OutputPath: "$", Next: "B" }),
        B: wait({ SecondsPath: "$.seconds" }, "C"),
        C: wait({ Timestamp: "2026-01-03T12:00:00Z" }, "D"),
        D: wait({ TimestampPath: "$$.Execution.Input.until", InputPath: "$.kept" }, "Again"),
        Again: call("look", { ResultPath: null, OutputPath: "$", End: true }),
      },
      { seconds: 60, until: "2026-01-04T12:00:00Z", kept: { x: 1 } },
    );
    expect(result).toMatchObject({ status: "SUCCEEDED", output: { x: 1 } });
    expect(calls).toEqual(["86400 look", "259200 look"]);
  });

  it("runs branches side by side and items one after another, and waits in each of them", async () => {
    functions = { slow: ({ n }) => ({ n, twice: 2 * Number(n) }) };
    const wait = { Type: "Wait", SecondsPath: "$.n", Next: "Slow" };
    const result = await run(
      {
        Both: {
          Type: "Parallel",
          Branches: [
            {
              StartAt: "One",
              States: {
                One: { Type: "Pass", Result: { n: 5 }, Next: "Wait one" },
                "Wait one": { ...wait, Next: "Slow one" },
                "Slow one": call("slow"),
              },
            },
            { StartAt: "Other", States: { Other: { Type: "Pass", End: true } } },
          ],
          ResultPath: "$.both",
          Next: "Each",
        },
        Each: {
          Type: "Map",
          ItemsPath: "$.items",
          MaxConcurrency: 1,
          ItemSelector: { "n.$": "$$.Map.Item.Value" },
          ItemProcessor: { StartAt: "Wait", States: { Wait: wait, Slow: call("slow") } },
          ResultPath: "$.each",
          End: true,
        },
      },
      { items: [10, 20] },
    );
    expect(result).toMatchObject({
      status: "SUCCEEDED",
      output: { both: [{ n: 5, twice: 10 }, { items: [10, 20] }], each: [{ twice: 20 }, { twice: 40 }] },
    });
    expect(calls).toEqual(["5 slow", "15 slow", "35 slow"]);
  });

  it("knows itself by its context", async () => {
    const Parameters = {
      "id.$": "$$.Execution.Id",
      "name.$": "$$.Execution.Name",
      "began.$": "$$.Execution.StartTime",
      "entered.$": "$$.State.EnteredTime",
      "state.$": "$$.State.Name",
      "machine.$": "$$.StateMachine.Name",
      "given.$": "$$.Execution.Input.a",
    };
    const arn = create({
      Wait: { Type: "Wait", Seconds: 5, Next: "Who am I?" },
      "Who am I?": { Type: "Pass", Parameters, End: true },
    });
    const execution = machines.start(arn, { name: "mine", input: '{"a":1}' });
    await advance(10);
    expect(JSON.parse(machines.getExecution(execution.arn).output ?? "")).toEqual({
      id: "arn:aws:states:us-east-1:000000000000:execution:machine:mine",
      name: "mine",
      began: "2026-01-01T12:00:00.000Z",
      entered: "2026-01-01T12:00:05.000Z",
      state: "Who am I?",
      machine: "machine",
      given: 1,
    });
  });

  it("is stopped from outside, and by the time of the whole, wherever it waits", async () => {
    const arn = create({ Wait: { Type: "Wait", Seconds: 900, End: true } }, { TimeoutSeconds: 600 });
    const [stopped, late] = [machines.start(arn), machines.start(arn)];
    await advance(10);
    machines.stop(stopped.arn, { error: "Drill", cause: "by hand" });
    expect(machines.getExecution(stopped.arn)).toMatchObject({
      status: "ABORTED",
      error: "Drill",
      cause: "by hand",
      stopMs: startMs + 10_000,
    });
    await advance(601);
    expect(machines.getExecution(late.arn)).toMatchObject({
      status: "TIMED_OUT",
      error: "States.Timeout",
      stopMs: startMs + 600_000,
    });
    expect(clock.nextMs).toBeUndefined();
    machines.stop(late.arn);
    expect(machines.getExecution(late.arn).status).toBe("TIMED_OUT");
  });

  it("that is stopped while a function works ends at once, and its history with it", async () => {
    const work = Promise.withResolvers<null>();
    functions = { train: () => work.promise };
    const { arn, history } = machines.start(create({ Train: call("train") }));
    while (calls.length === 0) await immediate();
    machines.stop(arn);
    work.resolve(null);
    await activity.idle();
    expect(history.events.map(({ type }) => type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "ExecutionAborted",
    ]);
  });

  it("keeps a history of states and tasks, in order and at their times", async () => {
    let attempts = 0;
    functions = {
      flaky: () => {
        attempts += 1;
        if (attempts === 1) throw named("DependencyError", "throttled");
        return "fine";
      },
    };
    const arn = create({
      Wait: { Type: "Wait", Seconds: 5, Next: "Task" },
      Task: call("flaky", { Retry: [{ ErrorEquals: ["DependencyError"] }], End: true }),
    });
    const { arn: executionArn, history } = machines.start(arn);
    await advance(60);
    expect(machines.getExecution(executionArn).status).toBe("SUCCEEDED");
    expect(history.events.map(({ type, timestamp }) => [type, timestamp - startMs / 1000])).toEqual([
      ["ExecutionStarted", 0],
      ["WaitStateEntered", 0],
      ["WaitStateExited", 5],
      ["TaskStateEntered", 5],
      ["TaskScheduled", 5],
      ["TaskFailed", 5],
      ["TaskScheduled", 6],
      ["TaskSucceeded", 6],
      ["TaskStateExited", 6],
      ["ExecutionSucceeded", 6],
    ]);
    expect(history.events[5]).toMatchObject({
      id: 6,
      previousEventId: 5,
      taskFailedEventDetails: { resource: "invoke", resourceType: "lambda", error: "DependencyError" },
    });
    expect(history.events[1]).toMatchObject({ stateEnteredEventDetails: { name: "Wait", input: "{}" } });
  });
});

describe("a task that fails", () => {
  const handler = { Type: "Pass", End: true };
  const caught = (ErrorEquals: string[]) => [{ ErrorEquals, Next: "Caught", ResultPath: "$.error" }];

  it("is retried by its error's name at growing distances, then caught with name and cause", async () => {
    functions = {
      train: () => {
        throw named("DependencyError", "s3 is throttled");
      },
    };
    const Retry = [
      { ErrorEquals: ["InputError"] },
      { ErrorEquals: ["DependencyError"], IntervalSeconds: 10, MaxAttempts: 3, MaxDelaySeconds: 30 },
    ];
    const result = await run(
      { Train: call("train", { Retry, Catch: caught(["States.ALL"]), End: true }), Caught: handler },
      { a: 1 },
    );
    expect(calls).toEqual(["0 train", "10 train", "30 train", "60 train"]);
    expect(result).toMatchObject({
      status: "SUCCEEDED",
      output: { a: 1, error: { Error: "DependencyError" } },
    });
    expect(JSON.parse(result.output.error.Cause)).toMatchObject({
      errorType: "DependencyError",
      errorMessage: "s3 is throttled",
    });
  });

  it("goes to the first catcher that names it, and past those that do not", async () => {
    functions = {
      train: () => {
        throw named("ModelArtifactError", "bad");
      },
    };
    const Catch = [
      { ErrorEquals: ["InputError", "States.Timeout"], Next: "Wrong" },
      { ErrorEquals: ["ModelArtifactError"], Next: "Right", ResultPath: "$" },
      { ErrorEquals: ["States.TaskFailed"], Next: "Wrong" },
    ];
    const result = await run({
      Train: call("train", { Catch, End: true }),
      Wrong: { Type: "Fail" },
      Right: handler,
    });
    expect(result).toMatchObject({ status: "SUCCEEDED", output: { Error: "ModelArtifactError" } });
  });

  it("has its time at each attempt, and then a time-out that States.TaskFailed does not match", async () => {
    functions = { train: () => new Promise((resolve) => clock.at(startMs + 9_999_000, () => resolve(null))) };
    const Retry = [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1, IntervalSeconds: 5 }];
    const Catch = [
      { ErrorEquals: ["States.TaskFailed"], Next: "Wrong" },
      { ErrorEquals: ["States.Timeout"], Next: "Caught" },
    ];
    const arn = create({
      Train: call("train", { TimeoutSeconds: 100, Retry, Catch, End: true }),
      Wrong: { Type: "Fail" },
      Caught: handler,
    });
    const { arn: executionArn } = machines.start(arn);
    await activity.run(loadInterpreter);
    // The function is at work all the time: there is no rest to wait for.
    await clock.advanceTo(startMs + 300_000, async () => {
      for (let turn = 0; turn < 10; turn += 1) await immediate();
    });
    expect(calls).toEqual(["0 train", "105 train"]);
    expect(machines.getExecution(executionArn)).toMatchObject({
      status: "SUCCEEDED",
      stopMs: startMs + 205_000,
    });
  });

  it("in a branch fails the whole, which may be retried and caught in its turn", async () => {
    functions = {
      train: () => {
        throw named("ModelRunError", "no");
      },
    };
    const Branches = [
      { StartAt: "Train", States: { Train: call("train") } },
      { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 600, End: true } } },
    ];
    const result = await run({
      Both: { Type: "Parallel", Branches, Catch: caught(["ModelRunError"]), End: true },
      Caught: handler,
    });
    expect(result).toMatchObject({ status: "SUCCEEDED", output: { error: { Error: "ModelRunError" } } });
  });

  it.each([
    ["a function that does not exist", call("none"), "Lambda.ResourceNotFoundException"],
    [
      "a failed condition of DynamoDB",
      { Type: "Task", Resource: "arn:aws:states:::dynamodb:putItem", Parameters: {}, End: true },
      "DynamoDB.ConditionalCheckFailedException",
    ],
    [
      "SageMaker",
      {
        Type: "Task",
        Resource: "arn:aws:states:::sagemaker:createTrainingJob.sync",
        Parameters: {},
        End: true,
      },
      "States.TaskFailed",
    ],
    [
      "a service that is not there",
      { Type: "Task", Resource: "arn:aws:states:::glue:startJobRun.sync", Parameters: {}, End: true },
      "States.Runtime",
    ],
  ])("for %s is named as Step Functions names it", async (_, task, error) => {
    expect(await run({ Task: task })).toMatchObject({ status: "FAILED", error });
  });

  it("by returning more than 256 KiB is caught by nothing", async () => {
    functions = { big: () => "x".repeat(262_144) };
    const States = { Big: call("big", { Catch: caught(["States.ALL"]), End: true }), Caught: handler };
    expect(await run(States)).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });

  it("because its process ended is Lambda.Unknown", async () => {
    functions = {
      dies: () => {
        throw named("Runtime.ExitError", "killed");
      },
    };
    const States = { Dies: call("dies", { Catch: caught(["Lambda.Unknown"]), End: true }), Caught: handler };
    expect(await run(States)).toMatchObject({ status: "SUCCEEDED" });
  });
});

describe("tasks other than functions", () => {
  it("publish on topics, send to queues and call functions by their own ARN", async () => {
    functions = { add: ({ a }) => Number(a) + 1 };
    const result = await run(
      {
        Tell: {
          Type: "Task",
          Resource: "arn:aws:states:::sns:publish",
          Parameters: { TopicArn: "arn:t", Subject: "s", Message: { "a.$": "$.a" } },
          ResultPath: "$.told",
          Next: "Send",
        },
        Send: {
          Type: "Task",
          Resource: "arn:aws:states:::sqs:sendMessage",
          Parameters: { QueueUrl: "http://127.0.0.1/000000000000/q", MessageBody: "text" },
          ResultPath: null,
          Next: "Add",
        },
        Add: { Type: "Task", Resource: "arn:aws:lambda:us-east-1:000000000000:function:add", End: true },
      },
      { a: 1 },
    );
    expect(result).toEqual({ status: "SUCCEEDED", output: 2 });
    expect(published).toEqual([
      { topicArn: "arn:t", subject: "s", message: '{"a":1}' },
      { queueArn: "q", body: "text" },
    ]);
  });
});

describe("starting an execution", () => {
  const States = { Wait: { Type: "Wait", Seconds: 60, End: true } };

  it("by the name and input of one that runs is that one; otherwise the name is taken", async () => {
    const arn = create(States);
    const first = machines.start(arn, { name: "daily", input: '{"a":1,"b":2}' });
    expect(machines.start(arn, { name: "daily", input: '{"b":2, "a":1}' })).toBe(first);
    expect(() => machines.start(arn, { name: "daily", input: '{"a":2}' })).toThrow(
      "Execution Already Exists",
    );
    await advance(61);
    expect(machines.getExecution(first.arn).status).toBe("SUCCEEDED");
    expect(() => machines.start(arn, { name: "daily", input: '{"a":1,"b":2}' })).toThrow(
      "Execution Already Exists",
    );
    expect(machines.listExecutions(arn)).toHaveLength(1);
  });

  it("is refused for an unknown machine, a name or an input that is none", () => {
    const arn = create(States);
    expect(() => machines.start(`${arn}-other`)).toThrow("State Machine Does Not Exist");
    expect(() => machines.start(arn, { name: "a b" })).toThrow("Invalid Name");
    expect(() => machines.start(arn, { input: "{" })).toThrow("Invalid State Machine Execution Input");
    expect(() => machines.start(arn, { input: JSON.stringify("x".repeat(262_144)) })).toThrow(
      "more than 262144 bytes",
    );
    expect(() => create(States)).toThrow("State Machine Already Exists");
  });

  it("of a definition that is no state machine fails with what is wrong", async () => {
    expect(() => create({ B: { Type: "Pass", QueryLanguage: "JSONata", End: true } })).toThrow("JSONPath");
    expect(await run({ A: { Type: "Pass", Next: "Nowhere" } })).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause: expect.stringContaining("Nowhere"),
    });
  });
});

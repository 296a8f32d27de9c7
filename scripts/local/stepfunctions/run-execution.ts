import { setImmediate as immediate } from "node:timers/promises";
import type { RunOptions } from "aws-local-stepfunctions";
import type { Activity } from "../clock/activity.ts";
import { type Clock, waitUntil } from "../clock/clock.ts";
import { maxPayloadBytes } from "./definition-check.ts";
import { contextNames, makeExecutable, type WaitInput } from "./executable-definition.ts";
import type { History } from "./history.ts";
import type { Interpreter } from "./interpreter.ts";
import { recordEvents } from "./record-events.ts";
import { createRetry } from "./retry.ts";
import type { StateMachine, TaskState } from "./state-machine.ts";
import { TaskError } from "./task-error.ts";
import { callTask, type TaskServices } from "./task-services.ts";

export interface ExecutionRun {
  readonly machine: StateMachine;
  readonly execution: { readonly arn: string; readonly name: string; readonly startMs: number };
  readonly input: unknown;
  readonly history: History;
  /** Ends it: what waits is called off, what runs is left to itself. */
  readonly signal: AbortSignal;
}

export interface RunDependencies {
  readonly interpreter: Interpreter;
  readonly services: TaskServices;
  readonly clock: Clock;
  readonly activity: Activity;
}

/**
 * Run a state machine to its end.
 *
 * @returns the output.
 * @throws {TaskError} with the error's name and cause; the signal's reason when it was ended from outside.
 */
export async function runExecution(run: ExecutionRun, dependencies: RunDependencies): Promise<unknown> {
  const { interpreter } = dependencies;
  const { definition, tasks, waits, results, types } = makeExecutable(run.machine.definition);
  const machine = new interpreter.StateMachine(definition, { validationOptions: { noValidate: true } });
  const handlers = Object.fromEntries([
    ...[...tasks].map(
      ([name, task]) => [name, (input: unknown) => runTask(task, input, { run, dependencies })] as const,
    ),
    ...[...waits.keys()].map(
      (name) => [name, (input: unknown) => wait(input, { run, dependencies })] as const,
    ),
    ...[...results].map(([name, result]) => [name, () => result] as const),
  ]);
  const running = machine.run(run.input as Json, {
    overrides: { taskResourceLocalHandlers: handlers as Overrides["taskResourceLocalHandlers"] },
    context: contextOf(run, { clock: dependencies.clock, stateNames: [...types.keys()] }),
    noThrowOnAbort: true,
  });
  const abort = () => running.abort();
  run.signal.addEventListener("abort", abort, { once: true });
  const recorded = recordEvents(running.eventLogs, { types, history: run.history });
  try {
    const output = await running.result;
    run.signal.throwIfAborted();
    return output;
  } catch (error) {
    // The interpreter wraps what a state threw.
    const cause = error instanceof Error && error.name === "ExecutionError" ? error.cause : error;
    throw cause instanceof Error && !run.signal.aborted ? new TaskError(cause.name, cause.message) : cause;
  } finally {
    run.signal.removeEventListener("abort", abort);
    await recorded;
  }
}

type Overrides = NonNullable<RunOptions["overrides"]>;
type Json = Parameters<InstanceType<Interpreter["StateMachine"]>["run"]>[0];

interface Within {
  readonly run: ExecutionRun;
  readonly dependencies: RunDependencies;
}

/** Attempts of one visit of a task, each with the whole of its time. */
async function runTask(task: TaskState, input: unknown, within: Within): Promise<unknown> {
  const { clock, activity } = within.dependencies;
  const { signal } = within.run;
  const nextRetry = createRetry(task.Retry ?? []);
  for (;;) {
    try {
      return await activity.run(() => attempt(task, input, within));
    } catch (error) {
      const delayMs = error instanceof Error ? nextRetry(error.name) : undefined;
      if (delayMs === undefined) throw error;
      await waitUntil(clock, clock.nowMs() + delayMs, signal);
    }
  }
}

async function attempt(task: TaskState, input: unknown, { run, dependencies }: Within): Promise<unknown> {
  const { history, signal } = run;
  const [, resourceType = "lambda", resource = "function"] = /:::(\w+):(.+)$/.exec(task.Resource) ?? [];
  const about = { resourceType, resource };
  // The interpreter's own events, e.g. of entering the state, come first.
  await immediate();
  signal.throwIfAborted();
  history.checkLength();
  history.record("TaskScheduled", { ...about, parameters: JSON.stringify(input) });
  const timeout = timeoutOf(task, dependencies);
  try {
    const result = await Promise.race([
      callTask(task.Resource, input, dependencies.services),
      timeout.elapsed,
    ]);
    checkSize(result);
    history.record("TaskSucceeded", { ...about, output: JSON.stringify(result) });
    return result;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const type = name === "States.Timeout" ? "TaskTimedOut" : "TaskFailed";
    history.record(type, { ...about, error: name, cause: message });
    throw error;
  } finally {
    timeout.cancel();
  }
}

/** Without a time of its own a task has as long as it likes. */
function timeoutOf({ TimeoutSeconds }: TaskState, { clock, interpreter }: RunDependencies) {
  const { promise: elapsed, reject } = Promise.withResolvers<never>();
  if (TimeoutSeconds === undefined) return { elapsed, cancel: () => undefined };
  const atMs = clock.nowMs() + TimeoutSeconds * 1000;
  return { elapsed, cancel: clock.at(atMs, () => reject(interpreter.timeoutError())) };
}

async function wait(input: unknown, { run, dependencies }: Within): Promise<unknown> {
  const { clock } = dependencies;
  const { input: result, seconds, timestamp } = input as WaitInput;
  const untilMs = timestamp === undefined ? clock.nowMs() + (seconds ?? 0) * 1000 : Date.parse(timestamp);
  if (Number.isNaN(untilMs))
    throw new TaskError("States.Runtime", `wait: got ${JSON.stringify({ seconds, timestamp })}`);
  run.history.checkLength();
  await waitUntil(clock, untilMs, run.signal);
  return result;
}

function checkSize(result: unknown): void {
  const sizeBytes = Buffer.byteLength(JSON.stringify(result) ?? "");
  if (sizeBytes <= maxPayloadBytes) return;
  const cause = `the state returned ${sizeBytes} bytes, at most ${maxPayloadBytes} are allowed; hand it over in S3`;
  throw new TaskError("States.DataLimitExceeded", cause);
}

function contextOf(
  { machine, execution, input }: ExecutionRun,
  { clock, stateNames }: { readonly clock: Clock; readonly stateNames: readonly string[] },
) {
  return {
    [contextNames.execution]: {
      Id: execution.arn,
      Name: execution.name,
      Input: input,
      RoleArn: machine.roleArn,
      StartTime: new Date(execution.startMs).toISOString(),
    },
    [contextNames.stateNames]: Object.fromEntries(stateNames.map((name) => [name, name])),
    StateMachine: { Id: machine.arn, Name: machine.name },
    // Read when a state's parameters are, which is when it is entered.
    State: {
      get EnteredTime() {
        return new Date(clock.nowMs()).toISOString();
      },
    },
  };
}

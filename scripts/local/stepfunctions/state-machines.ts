import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import { type LocalService, localAccount, localRegion } from "../service.ts";
import { checkDefinition, isSameJson, parseDefinition, parseInput } from "./definition-check.ts";
import { History } from "./history.ts";
import { loadInterpreter } from "./interpreter.ts";
import { type RunDependencies, runExecution } from "./run-execution.ts";
import type { StateMachine } from "./state-machine.ts";
import { handleStatesRequest } from "./states-wire.ts";
import { TaskError } from "./task-error.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  /** JSON, as given. */
  readonly input: string;
  readonly startMs: number;
  readonly history: History;
  readonly status: ExecutionStatus;
  readonly stopMs?: number;
  /** JSON; of one that succeeded. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface StateMachinesOptions extends Omit<RunDependencies, "interpreter"> {
  readonly metrics: MetricStore;
  /** The end of each execution. */
  readonly onLog: (line: string) => void;
}

/**
 * Step Functions of the embedded cloud: standard workflows in JSONPath, interpreted by aws-local-stepfunctions, with tasks,
 * retries, time-outs and waits of our own, which go by the cloud's clock.
 *
 * Not as in AWS: no express workflows, JSONata, activities, task tokens, distributed maps and SageMaker; tasks are functions,
 * SNS, SQS and items of DynamoDB; definitions are checked when the first execution starts; retries of parallel states and
 * maps wait by the system's clock.
 */
export class StateMachines implements LocalService {
  readonly signingNames = ["states"];
  readonly #options: StateMachinesOptions;
  readonly #machines = new Map<string, StateMachine>();
  /** By ARN, in the order of their starts. */
  readonly #executions = new Map<string, Started>();

  constructor(options: StateMachinesOptions) {
    this.#options = options;
  }

  handle: LocalService["handle"] = (request, response) => handleStatesRequest(this, request, response);

  /** @throws {AwsError} `StateMachineAlreadyExists`, `InvalidDefinition`. */
  create({
    name,
    definitionText,
    ...settings
  }: Pick<
    StateMachine,
    "name" | "roleArn" | "definitionText" | "loggingConfiguration" | "tracingConfiguration"
  >): StateMachine {
    const arn = `arn:aws:states:${localRegion}:${localAccount}:stateMachine:${name}`;
    if (this.#machines.has(arn))
      throw new AwsError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
    const definition = parseDefinition(definitionText);
    const createdMs = this.#options.clock.nowMs();
    const machine = { name, arn, definitionText, definition, createdMs, ...settings };
    this.#machines.set(arn, machine);
    return machine;
  }

  /** Delete a state machine; its executions are ended. */
  delete(arn: string): void {
    for (const { execution } of this.#executions.values())
      if (execution.stateMachineArn === arn) this.stop(execution.arn);
    this.#machines.delete(arn);
  }

  /** @throws {AwsError} `StateMachineDoesNotExist`. */
  get(arn: string): StateMachine {
    const machine = this.#machines.get(arn);
    if (machine !== undefined) return machine;
    throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
  }

  list(): readonly StateMachine[] {
    return [...this.#machines.values()];
  }

  /**
   * Start an execution. A name that runs already with the same input is that execution, not another.
   *
   * @throws {AwsError} `ExecutionAlreadyExists` for a name that has ended or has another input; `StateMachineDoesNotExist`,
   * `InvalidExecutionInput`, `InvalidName`.
   */
  start(
    stateMachineArn: string,
    { name = randomUUID(), input = "{}" }: { readonly name?: string; readonly input?: string } = {},
  ): Execution {
    const machine = this.get(stateMachineArn);
    if (!/^[\w.-]{1,80}$/.test(name)) throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
    const parsed = parseInput(input);
    const arn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
    const known = this.#executions.get(arn)?.execution;
    if (known?.status === "RUNNING" && isSameJson(known.input, input)) return known;
    if (known !== undefined)
      throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    const { clock, activity } = this.#options;
    const startMs = clock.nowMs();
    const history = new History(() => clock.nowMs());
    history.record("ExecutionStarted", { input, roleArn: machine.roleArn });
    const execution: Execution = { arn, name, stateMachineArn, input, startMs, history, status: "RUNNING" };
    const started: Started = { execution, stopping: new AbortController() };
    this.#executions.set(arn, started);
    this.#dropOldest();
    this.#measure(stateMachineArn, "ExecutionsStarted", 1);
    const loaded = activity.run(loadInterpreter);
    void this.#run(machine, started, { parsed, loaded });
    return execution;
  }

  /**
   * End an execution that runs; one that has ended stays as it is.
   *
   * @throws {AwsError} `ExecutionDoesNotExist`.
   */
  stop(executionArn: string, reason: { readonly error?: string; readonly cause?: string } = {}): Execution {
    const started = this.#started(executionArn);
    this.#end(started, { status: "ABORTED", ...reason });
    started.stopping.abort(new Error("the execution was stopped"));
    return started.execution;
  }

  /** @throws {AwsError} `ExecutionDoesNotExist`. */
  getExecution(executionArn: string): Execution {
    return this.#started(executionArn).execution;
  }

  /** The newest first. */
  listExecutions(stateMachineArn: string): readonly Execution[] {
    return [...this.#executions.values()]
      .map(({ execution }) => execution)
      .filter((execution) => execution.stateMachineArn === stateMachineArn)
      .reverse();
  }

  async close(): Promise<void> {
    for (const { execution } of this.#executions.values()) this.stop(execution.arn);
  }

  async #run(
    machine: StateMachine,
    started: Started,
    { parsed, loaded }: { readonly parsed: unknown; readonly loaded: ReturnType<typeof loadInterpreter> },
  ): Promise<void> {
    const { execution, stopping } = started;
    const { clock } = this.#options;
    const { TimeoutSeconds } = machine.definition;
    const cancelTimeout =
      TimeoutSeconds === undefined
        ? () => undefined
        : clock.at(execution.startMs + TimeoutSeconds * 1000, () => {
            this.#end(started, { status: "TIMED_OUT", error: "States.Timeout" });
            stopping.abort(new Error("the execution took too long"));
          });
    try {
      const interpreter = await loaded;
      checkDefinition(machine, interpreter);
      const { history } = execution;
      const run = { machine, execution, input: parsed, history, signal: stopping.signal };
      const output = await runExecution(run, { ...this.#options, interpreter });
      this.#end(started, { status: "SUCCEEDED", output: JSON.stringify(output) });
    } catch (error) {
      const isTask = error instanceof TaskError;
      this.#end(started, {
        status: "FAILED",
        // A definition that is not valid, or a fault of ours, is no task's error.
        error: isTask ? error.name : "States.Runtime",
        cause: error instanceof Error ? error.message : String(error),
      });
    } finally {
      cancelTimeout();
    }
  }

  /** The first end counts. */
  #end(started: Started, end: Ending): void {
    const { execution } = started;
    if (execution.status !== "RUNNING") return;
    const stopMs = this.#options.clock.nowMs();
    const { status, ...details } = end;
    const type = endings[status];
    execution.history.record(type, details);
    execution.history.close();
    started.execution = { ...execution, ...end, stopMs };
    this.#measure(execution.stateMachineArn, type.replace("Execution", "Executions"), 1);
    this.#measure(execution.stateMachineArn, "ExecutionTime", stopMs - execution.startMs);
    const why = end.error === undefined ? "" : `: ${end.error}: ${end.cause ?? ""}`;
    this.#options.onLog(`execution ${execution.name} ${status}${why.slice(0, 1_000)}`);
  }

  #started(executionArn: string): Started {
    const started = this.#executions.get(executionArn);
    if (started !== undefined) return started;
    throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
  }

  #dropOldest(): void {
    if (this.#executions.size <= maxExecutions) return;
    for (const [arn, { execution }] of this.#executions) {
      if (execution.status === "RUNNING") continue;
      this.#executions.delete(arn);
      return;
    }
  }

  #measure(stateMachineArn: string, metric: string, value: number): void {
    this.#options.metrics.put({
      namespace: "AWS/States",
      metric,
      unit: metric === "ExecutionTime" ? "Milliseconds" : "Count",
      dimensions: { StateMachineArn: stateMachineArn },
      values: [value],
      timestampMs: this.#options.clock.nowMs(),
    });
  }
}

type Ending = Pick<Execution, "output" | "error" | "cause"> & { readonly status: EndStatus };

interface Started {
  execution: Execution;
  readonly stopping: AbortController;
}

const maxExecutions = 10_000;

type EndStatus = Exclude<ExecutionStatus, "RUNNING">;

const endings: Readonly<Record<EndStatus, string>> = {
  SUCCEEDED: "ExecutionSucceeded",
  FAILED: "ExecutionFailed",
  TIMED_OUT: "ExecutionTimedOut",
  ABORTED: "ExecutionAborted",
};

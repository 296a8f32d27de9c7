import type { StateMachineDefinition } from "aws-local-stepfunctions";
import type { State, States, TaskState, WaitState } from "./state-machine.ts";

/** A definition for the interpreter, and what it leaves to us. */
export interface ExecutableDefinition {
  readonly definition: StateMachineDefinition;
  /** By name, those of branches and iterations too: names are unique in a state machine. */
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly waits: ReadonlyMap<string, WaitState>;
  /** What passes answer, where the interpreter would take it for nothing: null, false, 0 and "". */
  readonly results: ReadonlyMap<string, unknown>;
  /** Every state's type, as it was written. */
  readonly types: ReadonlyMap<string, State["Type"]>;
}

/**
 * Rewrite a definition so that time and tasks are ours, and the rest is the interpreter's.
 *
 * The interpreter sleeps by the system's clock, counts one time-out over all attempts of a task, overlooks the result of a
 * pass that is falsy, and knows little of the context object. So waits and such passes become tasks, tasks lose their
 * `Retry` and `TimeoutSeconds` (our handler does both), and paths into the context go where we put it. `ResultPath: "$"`
 * is left out, which means the same and which it gets wrong.
 */
export function makeExecutable(written: StateMachineDefinition): ExecutableDefinition {
  const tasks = new Map<string, TaskState>();
  const waits = new Map<string, WaitState>();
  const results = new Map<string, unknown>();
  const types = new Map<string, State["Type"]>();

  const rewriteStates = (states: States): States =>
    Object.fromEntries(Object.entries(states).map(([name, state]) => [name, rewriteState(name, state)]));

  function rewriteState(name: string, state: State): State {
    types.set(name, state.Type);
    if (state.Type === "Parallel") {
      const Branches = state.Branches.map((each) => ({ ...each, States: rewriteStates(each.States) }));
      return rewritePaths(name, { ...state, Branches });
    }
    if (state.Type === "Map") {
      const { Iterator, ItemProcessor = Iterator, ...rest } = state;
      if (ItemProcessor === undefined) return state;
      const processor = { ...ItemProcessor, States: rewriteStates(ItemProcessor.States) };
      return rewritePaths(name, { ...rest, ItemProcessor: processor });
    }
    if (state.Type === "Task") {
      tasks.set(name, state);
      const { Retry: _retry, TimeoutSeconds: _timeout, ...rest } = state;
      return rewritePaths(name, { ...rest, TimeoutSeconds: longestSeconds });
    }
    if (state.Type === "Wait") {
      waits.set(name, state);
      return rewritePaths(name, taskOf(state));
    }
    if (state.Type === "Pass" && state.Result !== undefined && !state.Result) {
      const { Type: _type, Result, ...rest } = state;
      results.set(name, Result);
      const asTask = { Type: "Task", Resource: "arn:aws:states:::pass", TimeoutSeconds: longestSeconds };
      return rewritePaths(name, { ...rest, ...asTask } as State);
    }
    return rewritePaths(name, state);
  }

  const { TimeoutSeconds: _timeout, ...rest } = written;
  const definition = { ...rest, States: rewriteStates(written.States) };
  return { definition, tasks, waits, results, types };
}

/** What the task that stands for a wait gets. */
export interface WaitInput {
  readonly input: unknown;
  readonly seconds?: number;
  readonly timestamp?: string;
}

/** It gives its input back, as a wait does, once it is time. */
function taskOf({ Seconds, SecondsPath, Timestamp, TimestampPath, Type: _type, ...rest }: WaitState): State {
  const Parameters = {
    "input.$": "$",
    ...(Seconds !== undefined && { seconds: Seconds }),
    ...(SecondsPath !== undefined && { "seconds.$": SecondsPath }),
    ...(Timestamp !== undefined && { timestamp: Timestamp }),
    ...(TimestampPath !== undefined && { "timestamp.$": TimestampPath }),
  };
  const Resource = "arn:aws:states:::wait";
  return { ...rest, Type: "Task", Resource, Parameters, TimeoutSeconds: longestSeconds } as State;
}

/** Node's longest timer. */
const longestSeconds = Math.floor((2 ** 31 - 1) / 1000);

/** The names under which the interpreter finds what stands in `$$.Execution` and `$$.State.Name`. */
export const contextNames = Object.freeze({ execution: "Started", stateNames: "Names" });

function rewritePaths(name: string, state: State): State {
  const rewrite = (value: unknown, key: string): unknown => {
    if (key === "ResultPath" && value === "$") return undefined;
    // Branches and iterations have been through this with their own names.
    if (key === "Branches" || key === "ItemProcessor") return value;
    if (typeof value === "string") {
      return value
        .replaceAll(/\$\$\.Execution\b/g, () => `$$.${contextNames.execution}`)
        .replaceAll("$$.State.Name", () => `$$.${contextNames.stateNames}['${name}']`);
    }
    if (Array.isArray(value)) return value.map((each) => rewrite(each, ""));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([inner, each]) => [inner, rewrite(each, inner)]);
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
  };
  return rewrite(state, "") as State;
}

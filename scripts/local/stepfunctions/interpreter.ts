import type * as LocalStepFunctions from "aws-local-stepfunctions";

export interface Interpreter {
  readonly StateMachine: typeof LocalStepFunctions.StateMachine;
  /** A `States.Timeout` that `States.TaskFailed` does not match. */
  timeoutError(): Error;
}

/** Load the interpreter when the first execution starts: that takes a third of a second, and most clouds run none. */
export function loadInterpreter(): Promise<Interpreter> {
  loading ??= load();
  return loading;
}

let loading: Promise<Interpreter> | undefined;

async function load(): Promise<Interpreter> {
  const { StateMachine } = await import("aws-local-stepfunctions");
  const timedOut = await provokeTimeout(StateMachine);
  return { StateMachine, timeoutError: () => timedOut };
}

/** The interpreter tells a time-out by a class that it does not export: the one way to one is to let a task time out. */
async function provokeTimeout(StateMachine: typeof LocalStepFunctions.StateMachine): Promise<Error> {
  const Slow = { Type: "Task", Resource: "slow", TimeoutSeconds: 0.001, End: true } as const;
  const machine = new StateMachine(
    { StartAt: "Slow", States: { Slow } },
    { validationOptions: { noValidate: true } },
  );
  const never = new Promise<null>(() => undefined);
  const { result } = machine.run({}, { overrides: { taskResourceLocalHandlers: { Slow: () => never } } });
  const failure: unknown = await result.catch((error: unknown) => error);
  if (failure instanceof Error && failure.cause instanceof Error && failure.cause.name === "States.Timeout") {
    return failure.cause;
  }
  throw new Error(
    `aws-local-stepfunctions: got ${failure} from a task without time, expected States.Timeout`,
  );
}

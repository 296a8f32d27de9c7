import type { TaskState } from "./state-machine.ts";

export type Retrier = NonNullable<TaskState["Retry"]>[number];

/**
 * The retries of one visit of a task.
 *
 * @param random - from 0 to 1, for full jitter.
 * @returns tells of each error how long to wait before the next attempt, in milliseconds, or undefined when there is none.
 * @see Amazon States Language specification, "Retrying after error"
 */
export function createRetry(
  retriers: readonly Retrier[],
  random: () => number = Math.random,
): (errorName: string) => number | undefined {
  const attempts = retriers.map(() => 0);
  return (errorName) => {
    const index = retriers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, errorName));
    const retrier = retriers[index];
    if (retrier === undefined) return undefined;
    const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds = Infinity } = retrier;
    const made = attempts[index] ?? 0;
    if (made >= MaxAttempts) return undefined;
    attempts[index] = made + 1;
    const delayMs = Math.min(IntervalSeconds * BackoffRate ** made, MaxDelaySeconds) * 1000;
    return retrier.JitterStrategy === "FULL" ? Math.floor(random() * delayMs) : delayMs;
  };
}

/** Errors that no wildcard matches: they say that the definition itself is wrong. */
export const terminalErrors: readonly string[] = ["States.Runtime", "States.DataLimitExceeded"];

function matchesError(names: readonly string[], errorName: string): boolean {
  if (names.includes(errorName)) return true;
  if (terminalErrors.includes(errorName)) return false;
  if (names.includes("States.ALL")) return true;
  return names.includes("States.TaskFailed") && errorName !== "States.Timeout";
}

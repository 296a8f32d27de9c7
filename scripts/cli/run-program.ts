import { styleText } from "node:util";
import { explainError } from "./explain-error.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Run what a command of the terminal does and set the process's exit status: what the action returns, 1 when it throws,
 * 2 when the arguments are wrong, 130 when it was interrupted.
 *
 * The first Ctrl-C (or SIGTERM) aborts the signal, so that the action can clean up; a second one ends the process.
 */
export async function runProgram(action: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const stopping = new AbortController();
  let firstAt = Number.NaN;
  const interrupt = (signal: NodeJS.Signals) => {
    // One Ctrl-C arrives up to three times: from the terminal, npm and whatever started it.
    if (performance.now() - firstAt < 1_000) return;
    if (stopping.signal.aborted) process.exit(130);
    firstAt = performance.now();
    stopping.abort(new Error(`interrupted by ${signal}`));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  try {
    process.exitCode = await action(stopping.signal);
  } catch (cause) {
    process.exitCode = cause instanceof UsageError ? 2 : 1;
    if (stopping.signal.aborted) process.exitCode = 130;
    const problem = stopping.signal.aborted ? "interrupted" : explainError(cause);
    process.stderr.write(`${styleText("red", "error", { stream: process.stderr })} ${problem}\n`);
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupt);
  }
}

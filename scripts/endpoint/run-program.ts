import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  /** The whole environment. @default this process' own */
  readonly env?: NodeJS.ProcessEnv;
  /** Working directory. @default this process' own */
  readonly cwd?: string;
  /** Told each line of standard output as it comes, besides its being passed on. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Run a program in the foreground; what it writes is passed on.
 *
 * @returns its exit status.
 * @throws {Error} when it cannot be started, or ends by a signal.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { onLine, ...options }: ProgramOptions = {},
): Promise<number> {
  const child = spawn(program, args, {
    ...options,
    stdio: ["ignore", onLine === undefined ? "inherit" : "pipe", "inherit"],
  });
  const ended = once(child, "close");
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout })) {
      console.log(line);
      onLine?.(line);
    }
  }
  const [code, killedBy] = await ended;
  if (code === null) throw new Error(`${program} ended by ${killedBy}`);
  return code;
}

/**
 * Run a program that has to succeed.
 *
 * @throws {Error} with its status when it fails; what it wrote says why.
 */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<void> {
  const status = await runProgram(program, args, options);
  if (status === 0) return;
  throw new Error(`${[program, ...args].join(" ")}: got exit status ${status}, expected 0; see above`);
}

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const runner = fileURLToPath(new URL("./run-once.cjs", import.meta.url));

/** A process that a cold start is measured in. */
export interface ColdProcess {
  readonly name: string;
  /** Module that exports `handler`; none for a process that does nothing. */
  readonly handlerFile?: string;
  readonly eventFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Run a handler once in a fresh process.
 *
 * @returns milliseconds from the start of the process until the handler had answered.
 * @throws when it fails, or reports a failed record.
 */
export async function spawnOnce({ name, handlerFile, eventFile, environment }: ColdProcess): Promise<number> {
  const args = handlerFile === undefined ? [runner] : [runner, handlerFile, eventFile];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: environment, timeout: 60_000 });
  // The stream function writes its metrics to stdout too, a line each.
  const line = stdout.slice(stdout.lastIndexOf("\n") + 1);
  const { elapsedMs, result } = JSON.parse(line) as { elapsedMs: number; result: BatchResult };
  if ((result?.batchItemFailures?.length ?? 0) > 0) throw new Error(`${name}: the batch failed: ${stdout}`);
  return elapsedMs;
}

type BatchResult = { readonly batchItemFailures?: readonly unknown[] } | null;

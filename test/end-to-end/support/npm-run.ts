import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Stage } from "./stage.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const timeoutMs = 60_000;

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run one of the project's npm scripts as a user would, with nothing of the stage but the SDK's own variables. */
export function npmRun(stage: Stage, script: string, ...args: readonly string[]): Promise<CommandResult> {
  const { PATH, HOME } = process.env;
  const options = { cwd: root, env: { PATH, HOME, ...stage.environment }, timeout: timeoutMs };
  return new Promise((resolve, reject) => {
    execFile("npm", ["run", "--silent", script, "--", ...args], options, (error, stdout, stderr) => {
      const status = error?.code ?? 0;
      if (typeof status === "number") resolve({ status, stdout, stderr });
      else reject(error);
    });
  });
}

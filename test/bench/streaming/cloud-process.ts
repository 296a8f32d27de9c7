import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startCloud } from "../../../scripts/local/cloud.ts";

/** The embedded cloud in a process of its own, so that its work is not measured as that of its client. */
export interface CloudProcess {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const self = fileURLToPath(import.meta.url);
const startTimeoutMs = 30_000;

export async function startCloudProcess(): Promise<CloudProcess> {
  const child = fork(self, ["serve"], { execArgv: [] });
  try {
    const [endpoint] = await once(child, "message", { signal: AbortSignal.timeout(startTimeoutMs) });
    return { endpoint: String(endpoint), stop: () => end(child) };
  } catch (cause) {
    await end(child);
    throw new Error("benchmark: the embedded cloud did not start in a process of its own", { cause });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

if (process.argv[1] === self && process.argv[2] === "serve") {
  const { endpoint } = await startCloud();
  // With whoever started it goes what it serves.
  process.once("disconnect", () => process.exit());
  process.send?.(endpoint);
}

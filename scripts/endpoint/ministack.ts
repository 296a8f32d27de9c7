import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The port that clouds compatible with LocalStack answer on. */
const usualPort = 4566;
const host = "127.0.0.1";
const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** A MiniStack that runs; it stops with its scope. */
export interface MiniStack extends AsyncDisposable {
  readonly endpoint: string;
  readonly pid: number;
  /** The newest lines it wrote. */
  log(lineCount: number): Promise<string>;
}

export interface MiniStackOptions {
  /** Path of its program. */
  readonly program: string;
  /** An empty folder for its home, its temporary files and its log. */
  readonly folder: string;
  readonly region: string;
  readonly signal?: AbortSignal;
}

/**
 * Start MiniStack on 127.0.0.1, on port 4566 where that is free, and wait until it answers.
 *
 * It runs functions with the first `node` of its PATH: the one that runs this.
 *
 * @throws {Error} when it ends or does not answer within 30 s, with its newest log lines.
 */
export async function startMiniStack({
  program,
  folder,
  region,
  signal,
}: MiniStackOptions): Promise<MiniStack> {
  const port = await freePort();
  const logFile = join(folder, "ministack.log");
  const output = openSync(logFile, "w");
  const child = spawn(program, [], {
    cwd: folder,
    // A process group of its own: the functions' processes are in it, and end with it.
    detached: true,
    stdio: ["ignore", output, output],
    // Nothing else of this environment: what it holds for AWS or for another MiniStack is not meant for this one.
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: folder,
      TMPDIR: folder,
      GATEWAY_PORT: String(port),
      BIND_HOST: host,
      MINISTACK_REGION: region,
      LAMBDA_EXECUTOR: "local",
    },
  });
  closeSync(output);
  await once(child, "spawn");
  const exited = once(child, "exit");
  const pid = child.pid!;
  const endpoint = `http://${host}:${port}`;
  const ministack: MiniStack = {
    endpoint,
    pid,
    log: async (lineCount) =>
      (await readFile(logFile, "utf8")).trimEnd().split("\n").slice(-lineCount).join("\n"),
    [Symbol.asyncDispose]: () => stop(pid, exited),
  };
  try {
    await waitForAnswer(endpoint, () => child.exitCode ?? child.signalCode, signal);
  } catch (cause) {
    const log = await ministack.log(20);
    await stop(pid, exited);
    throw new Error(`MiniStack did not start; its log ends with\n${log}`, { cause });
  }
  return ministack;
}

async function waitForAnswer(
  endpoint: string,
  ended: () => number | string | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await fetch(`${endpoint}/_localstack/health`, {
      signal: AbortSignal.timeout(1_000),
    }).catch(
      // Refused until it listens.
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok) return;
    const status = ended();
    if (status !== null) throw new Error(`it ended with ${status}`);
    if (performance.now() > deadlineMs) throw new Error(`no answer within ${startTimeoutMs / 1000} s`);
    await sleep(50);
  }
}

async function stop(pid: number, exited: Promise<unknown>): Promise<void> {
  killGroup(pid, "SIGTERM");
  await Promise.race([exited, sleep(stopTimeoutMs, undefined, { ref: false })]);
  // Whatever of it did not listen.
  killGroup(pid, "SIGKILL");
  await exited;
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // Nobody of the group is left.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The usual port, or any other where that one is taken. */
async function freePort(): Promise<number> {
  return (await portIfFree(usualPort)) ?? (await portIfFree(0))!;
}

async function portIfFree(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    await once(server.listen(port, host), "listening");
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return undefined;
  } finally {
    server.close();
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { setImmediate as immediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { environmentVariables } from "./environment-variables.ts";
import type { FunctionConfig } from "./function-config.ts";
import { readLines } from "./log-lines.ts";
import { maxTailBytes } from "./log-tail.ts";
import { handlerError, type Outcome, responseTooLarge, runtimeExited, success, timedOut } from "./outcome.ts";
import { processMemoryMiB } from "./process-memory.ts";
import { maxResponseBytes, type RuntimeApi, type RuntimeClient } from "./runtime-api.ts";

export interface Invocation {
  readonly requestId: string;
  readonly payload: Buffer | string;
}

export interface Run extends Outcome {
  readonly durationMs: number;
  /** Present on the first invocation of an environment: spawn until the handler was loaded. */
  readonly initDurationMs?: number;
  /** Highest sample, when the system can tell. */
  readonly maxMemoryMiB?: number;
  /** The last lines written to stdout and stderr since the invocation began, enough for a log tail. */
  readonly logLines: readonly string[];
}

export interface EnvironmentOptions {
  readonly config: FunctionConfig;
  readonly runtimeApi: RuntimeApi;
  readonly taskRoot: string;
  /** The environment's private directory is made in here. */
  readonly temporaryRoot: string;
  readonly extraEnvironment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/** INIT may take this long before the function's own timeout begins to run. @see AWS Lambda developer guide, "Init phase" */
const initLimitMs = 10_000;
const memorySampleMs = 100;
const maxTailLines = 500;
const bootstrap = fileURLToPath(new URL("./bootstrap.cjs", import.meta.url));

/**
 * One execution environment: a child process that runs one invocation at a time until it crashes or is stopped.
 *
 * An invocation is over when the runtime asks for the next one, as in Lambda, so whatever the handler left
 * behind on the microtask queue has run and its log lines have arrived.
 */
export class ExecutionEnvironment implements RuntimeClient {
  readonly id = randomUUID();
  readonly config: FunctionConfig;
  readonly #options: EnvironmentOptions;
  readonly #temporaryDirectory: string;
  readonly #ended: Promise<void>;
  #child: ChildProcess | undefined;
  #nextResponse: ServerResponse | undefined;
  #current: Current | undefined;
  #initError: Buffer | undefined;
  #startedAtMs = performance.now();
  #initDurationMs: number | undefined;
  #isInitReported = false;
  #alive = true;

  constructor(options: EnvironmentOptions) {
    this.config = options.config;
    this.#options = options;
    this.#temporaryDirectory = join(options.temporaryRoot, this.id);
    this.#ended = this.#live();
  }

  /** False once the process has ended or is being killed; it takes no more invocations then. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Run one invocation. Never rejects for what the function does: a crash or a timeout is an outcome. */
  run(invocation: Invocation): Promise<Run> {
    if (this.#current !== undefined || !this.#alive)
      throw new Error(`environment ${this.id} cannot take an invocation`);
    return new Promise((resolve) => {
      this.#current = { invocation, resolve, logLines: [], beganAtMs: performance.now() };
      if (this.#nextResponse !== undefined) this.#send(this.#current, this.#nextResponse);
      else this.#current.timer = setTimeout(() => this.#armTimeout(), initLimitMs);
    });
  }

  /** Kill the process; resolves when it is gone and its directory is removed. */
  stop(): Promise<void> {
    this.#kill();
    return this.#ended;
  }

  next(response: ServerResponse): void {
    this.#initDurationMs ??= performance.now() - this.#startedAtMs;
    this.#nextResponse = response;
    const current = this.#current;
    if (current === undefined) return;
    if (current.outcome !== undefined) void this.#finish(current, current.outcome);
    else this.#send(current, response);
  }

  respond(requestId: string, body: Buffer | undefined): boolean {
    return this.#settle(requestId, body === undefined ? responseTooLarge(maxResponseBytes) : success(body));
  }

  fail(requestId: string, body: Buffer): boolean {
    return this.#settle(requestId, handlerError(body));
  }

  failInit(body: Buffer): void {
    this.#initError = body;
  }

  async #live(): Promise<void> {
    const runtimeApi = this.#options.runtimeApi.register(this.id, this);
    let exit: Exit = { code: 1, signal: null };
    try {
      await mkdir(this.#temporaryDirectory, { recursive: true });
      // It may have been stopped before it began.
      if (this.#alive) exit = await this.#runProcess(runtimeApi);
    } catch (error) {
      process.emitWarning(`environment of ${this.config.functionName}: ${String(error)}`);
    }
    this.#alive = false;
    this.#options.runtimeApi.unregister(this.id);
    const current = this.#current;
    if (current !== undefined) await this.#finish(current, current.outcome ?? this.#lastWords(current, exit));
    // What a grandchild still writes there goes with the temporary root.
    await rm(this.#temporaryDirectory, { recursive: true, force: true, maxRetries: 3 }).catch(
      () => undefined,
    );
  }

  async #runProcess(runtimeApi: string): Promise<Exit> {
    const { config, taskRoot, extraEnvironment } = this.#options;
    const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${this.id.replaceAll("-", "")}`;
    const place = { taskRoot, temporaryDirectory: this.#temporaryDirectory, runtimeApi, logStreamName };
    this.#startedAtMs = performance.now();
    const child = spawn(process.execPath, [...heapFlags(config.memoryMiB), bootstrap], {
      cwd: taskRoot,
      env: environmentVariables(config, place, extraEnvironment),
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    this.#child = child;
    readLines(child.stdout, (line) => this.#line(line));
    readLines(child.stderr, (line) => this.#line(line));
    const sampler = setInterval(() => void this.#watchMemory(child), memorySampleMs);
    try {
      return await exitOf(child);
    } finally {
      clearInterval(sampler);
    }
  }

  #lastWords(current: Current, { code, signal }: Exit): Outcome {
    if (current.ending !== undefined) return current.ending;
    if (this.#initError !== undefined) return handlerError(this.#initError);
    return runtimeExited(current.invocation.requestId, code, signal);
  }

  #settle(requestId: string, outcome: Outcome): boolean {
    if (this.#current?.invocation.requestId !== requestId) return false;
    this.#current.outcome = outcome;
    return true;
  }

  #send(current: Current, response: ServerResponse): void {
    this.#nextResponse = undefined;
    current.beganAtMs = performance.now();
    this.#armTimeout();
    const { requestId, payload } = current.invocation;
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(payload),
      "lambda-runtime-aws-request-id": requestId,
      "lambda-runtime-deadline-ms": Date.now() + this.config.timeoutSeconds * 1000,
      "lambda-runtime-invoked-function-arn": this.config.arn,
      "lambda-runtime-trace-id": traceId(),
    });
    response.end(payload);
  }

  #armTimeout(): void {
    const current = this.#current;
    if (current === undefined) return;
    clearTimeout(current.timer);
    current.timer = setTimeout(() => {
      current.ending = timedOut(current.invocation.requestId, this.config.timeoutSeconds);
      this.#kill();
    }, this.config.timeoutSeconds * 1000);
  }

  async #finish(current: Current, outcome: Outcome): Promise<void> {
    clearTimeout(current.timer);
    const durationMs = performance.now() - current.beganAtMs;
    // Log lines were written before the response; one turn of the event loop lets the pipes deliver them.
    await immediate();
    await immediate();
    this.#current = undefined;
    const { maxMemoryMiB, logLines } = current;
    // Init is reported once, with the invocation that waited for it.
    const initDurationMs = this.#isInitReported ? undefined : this.#initDurationMs;
    this.#isInitReported = true;
    current.resolve({
      ...outcome,
      durationMs,
      ...(initDurationMs !== undefined && { initDurationMs }),
      ...(maxMemoryMiB !== undefined && { maxMemoryMiB }),
      logLines,
    });
  }

  #line(line: string): void {
    const lines = this.#current?.logLines;
    if (lines !== undefined) {
      lines.push(line.slice(-maxTailBytes));
      if (lines.length > 2 * maxTailLines) lines.splice(0, maxTailLines);
    }
    this.#options.onLine(line);
  }

  async #watchMemory(child: ChildProcess): Promise<void> {
    const current = this.#current;
    if (child.pid === undefined || current === undefined) return;
    const memoryMiB = await processMemoryMiB(child.pid);
    if (memoryMiB === undefined) return;
    current.maxMemoryMiB = Math.max(current.maxMemoryMiB ?? 0, memoryMiB);
    if (memoryMiB > this.config.memoryMiB) this.#kill();
  }

  #kill(): void {
    this.#alive = false;
    this.#child?.kill("SIGKILL");
  }
}

interface Current {
  readonly invocation: Invocation;
  readonly resolve: (run: Run) => void;
  readonly logLines: string[];
  beganAtMs: number;
  timer?: NodeJS.Timeout;
  /** What the runtime answered. */
  outcome?: Outcome;
  /** Why we killed it, when we did. */
  ending?: Outcome;
  maxMemoryMiB?: number;
}

/** The share of the memory that Lambda's own Node runtime gives the old and the new generation. */
function heapFlags(memoryMiB: number): string[] {
  const oldSpaceMiB = Math.floor(memoryMiB * 0.9);
  const semiSpaceMiB = Math.max(1, Math.floor(memoryMiB * 0.05));
  return [`--max-old-space-size=${oldSpaceMiB}`, `--max-semi-space-size=${semiSpaceMiB}`];
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      // `close` follows when the pipes are drained, unless a grandchild keeps them open.
      const giveUp = setTimeout(() => resolve({ code, signal }), 500);
      child.once("close", () => {
        clearTimeout(giveUp);
        resolve({ code, signal });
      });
    });
  });
}

function traceId(): string {
  const hex = randomUUID().replaceAll("-", "");
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${hex.slice(0, 24)};Parent=${hex.slice(16)};Sampled=0`;
}

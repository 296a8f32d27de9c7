import { randomUUID } from "node:crypto";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { AwsError } from "../aws-error.ts";
import { ExecutionEnvironment, type Invocation, type Run } from "./execution-environment.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { RuntimeApi } from "./runtime-api.ts";

export interface FunctionHostOptions {
  readonly runtimeApi: RuntimeApi;
  readonly temporaryRoot: string;
  readonly extraEnvironment: Readonly<Record<string, string>>;
  /** Environments of one function at most; invocations beyond them wait in a queue. */
  readonly maxEnvironments: number;
  readonly idleTimeoutMs: number;
  readonly onLine: (line: string) => void;
}

/**
 * One function: its warm environments, and the invocations that wait for one.
 *
 * The environment used last is used next, so that surplus ones go idle and end. An update replaces environments
 * as they become free; running invocations finish on the old settings.
 */
export class FunctionHost {
  readonly #options: FunctionHostOptions;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #idle: IdleEnvironment[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #stopping = new Set<Promise<void>>();
  readonly #codeCopies = new Map<string, Promise<string>>();
  #config: FunctionConfig;
  #running = 0;
  #isDeleted = false;

  constructor(config: FunctionConfig, options: FunctionHostOptions) {
    this.#config = config;
    this.#options = options;
  }

  get config(): FunctionConfig {
    return this.#config;
  }

  /** Invocations running or waiting for an environment. */
  get concurrency(): number {
    return this.#running;
  }

  /**
   * Run one invocation on a warm environment or a new one.
   *
   * @throws {AwsError} `TooManyRequestsException` at the reserved concurrency; `ResourceNotFoundException` when the
   * function is deleted while the invocation waits.
   */
  async invoke(invocation: Invocation): Promise<Run> {
    const { reservedConcurrency } = this.#config;
    if (reservedConcurrency !== undefined && this.#running >= reservedConcurrency) {
      throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
    }
    this.#running += 1;
    try {
      const environment = await this.#acquire();
      const run = await environment.run(invocation);
      this.#release(environment);
      return run;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Take new settings or code; environments of the old ones end as soon as they are free. */
  update(config: FunctionConfig): void {
    this.#config = config;
    this.#endIdle();
  }

  /** Refuse what waits, let what runs finish, end the rest. */
  async delete(): Promise<void> {
    this.#isDeleted = true;
    this.#endIdle();
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all(this.#stopping);
  }

  /** Kill everything, running or not. */
  async close(): Promise<void> {
    this.#isDeleted = true;
    this.#endIdle();
    for (const wake of this.#waiting.splice(0)) wake();
    for (const environment of this.#environments) this.#end(environment);
    await Promise.all(this.#stopping);
  }

  async #acquire(): Promise<ExecutionEnvironment> {
    for (;;) {
      if (this.#isDeleted) throw functionNotFound(this.#config.arn);
      const config = this.#config;
      const taskRoot = await this.#codeOf(config);
      if (config !== this.#config || this.#isDeleted) continue;
      const warm = this.#takeIdle();
      if (warm !== undefined) return warm;
      if (this.#environments.size < this.#options.maxEnvironments) return this.#start(config, taskRoot);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #takeIdle(): ExecutionEnvironment | undefined {
    for (;;) {
      const idle = this.#idle.pop();
      if (idle === undefined) return undefined;
      clearTimeout(idle.timer);
      if (idle.environment.alive) return idle.environment;
      this.#end(idle.environment);
    }
  }

  #start(config: FunctionConfig, taskRoot: string): ExecutionEnvironment {
    const { runtimeApi, temporaryRoot, extraEnvironment, onLine } = this.#options;
    const environment = new ExecutionEnvironment({
      config,
      runtimeApi,
      taskRoot,
      temporaryRoot,
      extraEnvironment,
      onLine,
    });
    this.#environments.add(environment);
    return environment;
  }

  #release(environment: ExecutionEnvironment): void {
    if (!environment.alive || environment.config !== this.#config || this.#isDeleted) {
      this.#end(environment);
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.environment === environment),
        1,
      );
      this.#end(environment);
    }, this.#options.idleTimeoutMs);
    timer.unref();
    this.#idle.push({ environment, timer });
  }

  #endIdle(): void {
    for (const { environment, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      this.#end(environment);
    }
  }

  #end(environment: ExecutionEnvironment): void {
    this.#environments.delete(environment);
    const stopped = environment.stop().finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
  }

  /**
   * A copy of the code outside any project, one per code directory: beside `cdk.out` stands a `node_modules` whose
   * packages would resolve here and be missing in Lambda.
   */
  #codeOf(config: FunctionConfig): Promise<string> {
    const known = this.#codeCopies.get(config.codeDirectory);
    if (known !== undefined) return known;
    const taskRoot = join(this.#options.temporaryRoot, `task-${randomUUID()}`);
    const copied = cp(config.codeDirectory, taskRoot, { recursive: true }).then(() => taskRoot);
    this.#codeCopies.set(config.codeDirectory, copied);
    copied.catch(async () => {
      this.#codeCopies.delete(config.codeDirectory);
      await rm(taskRoot, { recursive: true, force: true });
    });
    return copied;
  }
}

export function functionNotFound(arn: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
}

interface IdleEnvironment {
  readonly environment: ExecutionEnvironment;
  readonly timer: NodeJS.Timeout;
}

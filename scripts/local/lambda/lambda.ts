import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AwsError } from "../aws-error.ts";
import type { KinesisReader } from "../kinesis/reader.ts";
import { MetricStore } from "../metrics/metric-store.ts";
import type { LocalService } from "../service.ts";
import type { Backoff, Timing } from "./backoff.ts";
import { maxEventBytes } from "./batch.ts";
import { type EmfObject, emfDatapoints, parseEmfLine } from "./emf.ts";
import type { EventSourceConfig } from "./event-source-config.ts";
import type { Run } from "./execution-environment.ts";
import type { FailureDestination } from "./failure-destination.ts";
import { checkFunctionConfig, type FunctionConfig } from "./function-config.ts";
import { FunctionHost, functionNotFound } from "./function-host.ts";
import { handleLambdaRequest } from "./lambda-wire.ts";
import { LogRing } from "./log-lines.ts";
import { logTail } from "./log-tail.ts";
import { EventSourcePoller, type EventSourceUpdate } from "./poller.ts";
import { type RuntimeApi, startRuntimeApi } from "./runtime-api.ts";

export interface LambdaOptions {
  /** Where event sources read. */
  readonly kinesis: KinesisReader;
  /** Where event sources put what they gave up on. */
  readonly failureDestination: FailureDestination;
  /** Added to every function's environment, e.g. `AWS_ENDPOINT_URL`; the template's own variables win. */
  readonly extraEnvironment?: Readonly<Record<string, string>>;
  /** Takes EMF and the AWS/Lambda metrics; a new one by default. */
  readonly metrics?: MetricStore;
  /** Every line that a function writes. */
  readonly onLog?: (functionName: string, line: string) => void;
  /** Every EMF line that a function writes. */
  readonly onMetrics?: (functionName: string, emf: EmfObject) => void;
  /** Environments of one function; 10 by default. */
  readonly maxEnvironments?: number;
  /** After so long without an invocation an environment ends; 5 minutes by default. */
  readonly idleTimeoutMs?: number;
  /** Newest log lines kept per function; 1,000 by default. */
  readonly logLines?: number;
  /** Waits before the retries of a failed asynchronous invocation; 1 and 2 minutes by default, as in Lambda. */
  readonly asyncRetryDelaysMs?: readonly number[];
  /** For event sources. */
  readonly backoff?: Backoff;
  readonly timing?: Timing;
}

export interface InvokeOptions {
  /** Default: a new UUID. */
  readonly requestId?: string;
}

export interface InvokeResult {
  readonly payload: Buffer;
  /** Set when the function failed; `payload` then tells how. */
  readonly functionError?: string;
  readonly requestId: string;
  readonly durationMs: number;
  readonly initDurationMs?: number;
  /** The last 4 KiB of the invocation's log, START to REPORT. */
  readonly logTail: string;
}

export interface LambdaService extends LocalService {
  readonly metrics: MetricStore;
  /** @throws {AwsError} `InvalidParameterValueException`, or `ResourceConflictException` when the name is taken. */
  createFunction(config: FunctionConfig): void;
  /** Replace settings and code; running invocations finish on the old ones. */
  updateFunction(config: FunctionConfig): void;
  deleteFunction(name: string): Promise<void>;
  listFunctions(): readonly FunctionConfig[];
  /** @param nameOrArn - name, ARN, or either with `:$LATEST`. */
  getFunction(nameOrArn: string): FunctionConfig;
  /**
   * Invoke and wait.
   *
   * @throws {AwsError} when the function was not run: `ResourceNotFoundException`, `TooManyRequestsException`,
   * `RequestEntityTooLargeException` above 6 MB.
   */
  invoke(nameOrArn: string, payload: Buffer | string, options?: InvokeOptions): Promise<InvokeResult>;
  /** Queue an invocation; a function error is retried twice, as in Lambda. */
  invokeAsync(nameOrArn: string, payload: Buffer | string, options?: InvokeOptions): void;
  createEventSourceMapping(config: EventSourceConfig): void;
  updateEventSourceMapping(uuid: string, update: EventSourceUpdate): Promise<void>;
  deleteEventSourceMapping(uuid: string): Promise<void>;
  listEventSourceMappings(): readonly EventSourcePoller[];
  getEventSourceMapping(uuid: string): EventSourcePoller;
  /** The newest lines that the function wrote. */
  logs(nameOrArn: string): readonly string[];
  /** Resolves when no invocation runs or waits and every record that arrived at an enabled event source is done. */
  idle(): Promise<void>;
}

/**
 * Lambda of the embedded cloud: runs functions in child processes behind the Runtime API, and polls their event sources.
 *
 * The caller closes it; until then it owns child processes, one listener on 127.0.0.1 and one temporary directory.
 */
export async function createLambda(options: LambdaOptions): Promise<LambdaService> {
  const temporaryRoot = await mkdtemp(join(tmpdir(), "headrace-lambda-"));
  const runtimeApi = await startRuntimeApi();
  return new EmbeddedLambda(options, runtimeApi, temporaryRoot);
}

class EmbeddedLambda implements LambdaService {
  readonly signingNames = ["lambda"];
  readonly metrics: MetricStore;
  readonly #options: LambdaOptions;
  readonly #runtimeApi: RuntimeApi;
  readonly #temporaryRoot: string;
  readonly #functions = new Map<string, DeployedFunction>();
  readonly #pollers = new Map<string, EventSourcePoller>();
  readonly #closing = new AbortController();
  #asyncInvocations = 0;

  constructor(options: LambdaOptions, runtimeApi: RuntimeApi, temporaryRoot: string) {
    this.#options = options;
    this.metrics = options.metrics ?? new MetricStore();
    this.#runtimeApi = runtimeApi;
    this.#temporaryRoot = temporaryRoot;
  }

  handle: LocalService["handle"] = (request, response) => handleLambdaRequest(this, request, response);

  createFunction(config: FunctionConfig): void {
    checkFunctionConfig(config);
    const { functionName } = config;
    if (this.#functions.has(functionName)) {
      throw new AwsError("ResourceConflictException", `Function already exist: ${functionName}`, 409);
    }
    const log = new LogRing(this.#options.logLines ?? 1_000);
    const host = new FunctionHost(config, {
      runtimeApi: this.#runtimeApi,
      temporaryRoot: this.#temporaryRoot,
      extraEnvironment: this.#options.extraEnvironment ?? {},
      maxEnvironments: this.#options.maxEnvironments ?? 10,
      idleTimeoutMs: this.#options.idleTimeoutMs ?? 300_000,
      onLine: (line) => {
        log.push(line);
        this.#onLine(functionName, line);
      },
    });
    this.#functions.set(functionName, { host, log });
  }

  updateFunction(config: FunctionConfig): void {
    checkFunctionConfig(config);
    this.#deployed(config.functionName).host.update(config);
  }

  async deleteFunction(name: string): Promise<void> {
    const { host } = this.#deployed(name);
    this.#functions.delete(host.config.functionName);
    await host.delete();
  }

  listFunctions(): readonly FunctionConfig[] {
    return [...this.#functions.values()].map(({ host }) => host.config);
  }

  getFunction(nameOrArn: string): FunctionConfig {
    return this.#deployed(nameOrArn).host.config;
  }

  async invoke(
    nameOrArn: string,
    payload: Buffer | string,
    { requestId = randomUUID() }: InvokeOptions = {},
  ): Promise<InvokeResult> {
    const { host } = this.#deployed(nameOrArn);
    const sizeBytes = Buffer.byteLength(payload);
    if (sizeBytes > maxEventBytes) {
      const message = `Request must be smaller than ${maxEventBytes} bytes for the InvokeFunction operation`;
      throw new AwsError("RequestEntityTooLargeException", message, 413);
    }
    const { functionName, memoryMiB } = host.config;
    let run: Run;
    try {
      const running = host.invoke({ requestId, payload: sizeBytes === 0 ? "{}" : payload });
      this.#record(functionName, "ConcurrentExecutions", "Count", host.concurrency);
      run = await running;
    } catch (error) {
      if (error instanceof AwsError && error.httpStatus === 429)
        this.#record(functionName, "Throttles", "Count", 1);
      throw error;
    }
    this.#record(functionName, "Invocations", "Count", 1);
    this.#record(functionName, "Errors", "Count", run.functionError === undefined ? 0 : 1);
    this.#record(functionName, "Duration", "Milliseconds", run.durationMs);
    const { functionError, durationMs, initDurationMs } = run;
    const tail = logTail(run, requestId, memoryMiB);
    return { payload: run.payload, functionError, requestId, durationMs, initDurationMs, logTail: tail };
  }

  invokeAsync(nameOrArn: string, payload: Buffer | string, options: InvokeOptions = {}): void {
    this.#deployed(nameOrArn);
    this.#asyncInvocations += 1;
    this.#invokeWithRetries(nameOrArn, payload, options)
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted)
          process.emitWarning(`asynchronous invocation of ${nameOrArn}: ${error}`);
      })
      .finally(() => {
        this.#asyncInvocations -= 1;
      });
  }

  createEventSourceMapping(config: EventSourceConfig): void {
    if (this.#pollers.has(config.uuid)) {
      throw new AwsError(
        "ResourceConflictException",
        `event source mapping ${config.uuid} already exists`,
        409,
      );
    }
    const poller: EventSourcePoller = new EventSourcePoller(config, {
      reader: this.#options.kinesis,
      invoke: (functionName, event) => this.invoke(functionName, event),
      failureDestination: this.#options.failureDestination,
      functionArn: () => this.getFunction(poller.mapping.functionName).arn,
      onIteratorAge: (ageMs) =>
        this.#record(bareName(poller.mapping.functionName), "IteratorAge", "Milliseconds", ageMs),
      timing: this.#options.timing,
      backoff: this.#options.backoff,
    });
    this.#pollers.set(config.uuid, poller);
  }

  async updateEventSourceMapping(uuid: string, update: EventSourceUpdate): Promise<void> {
    await this.getEventSourceMapping(uuid).update(update);
  }

  async deleteEventSourceMapping(uuid: string): Promise<void> {
    const poller = this.getEventSourceMapping(uuid);
    this.#pollers.delete(uuid);
    await poller.close();
  }

  listEventSourceMappings(): readonly EventSourcePoller[] {
    return [...this.#pollers.values()];
  }

  getEventSourceMapping(uuid: string): EventSourcePoller {
    const poller = this.#pollers.get(uuid);
    if (poller !== undefined) return poller;
    throw new AwsError(
      "ResourceNotFoundException",
      `The resource you requested does not exist: ${uuid}`,
      404,
    );
  }

  logs(nameOrArn: string): readonly string[] {
    return this.#deployed(nameOrArn).log.lines();
  }

  async idle(): Promise<void> {
    // Twice in a row, so that a record just put has had its turn to wake its lane.
    for (let calm = 0; calm < 2; calm = this.#isIdle() ? calm + 1 : 0) await delay(5);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // Killing the functions first ends the invocations that the pollers would wait for.
    const pollers = [...this.#pollers.values()].map((poller) => poller.close());
    await Promise.all([...this.#functions.values()].map(({ host }) => host.close()));
    await Promise.all(pollers);
    await this.#runtimeApi.close();
    await rm(this.#temporaryRoot, { recursive: true, force: true, maxRetries: 5 });
  }

  #isIdle(): boolean {
    return (
      this.#asyncInvocations === 0 &&
      [...this.#functions.values()].every(({ host }) => host.concurrency === 0) &&
      [...this.#pollers.values()].every((poller) => poller.isIdle)
    );
  }

  async #invokeWithRetries(
    nameOrArn: string,
    payload: Buffer | string,
    options: InvokeOptions,
  ): Promise<void> {
    const requestId = options.requestId ?? randomUUID();
    const { signal } = this.#closing;
    for (const waitMs of [...(this.#options.asyncRetryDelaysMs ?? [60_000, 120_000]), undefined]) {
      const { functionError } = await this.#invokeUnthrottled(nameOrArn, payload, requestId);
      if (functionError === undefined || waitMs === undefined) return;
      await delay(waitMs, undefined, { signal });
    }
  }

  /** A throttled asynchronous invocation goes back to Lambda's queue and costs none of its retries. */
  async #invokeUnthrottled(
    nameOrArn: string,
    payload: Buffer | string,
    requestId: string,
  ): Promise<InvokeResult> {
    for (;;) {
      try {
        return await this.invoke(nameOrArn, payload, { requestId });
      } catch (error) {
        if (!(error instanceof AwsError) || error.httpStatus !== 429) throw error;
        await delay(throttleWaitMs, undefined, { signal: this.#closing.signal });
      }
    }
  }

  #deployed(nameOrArn: string): DeployedFunction {
    const found = this.#functions.get(bareName(nameOrArn));
    if (found === undefined) throw functionNotFound(nameOrArn);
    return found;
  }

  #onLine(functionName: string, line: string): void {
    this.#options.onLog?.(functionName, line);
    const emf = parseEmfLine(line);
    if (emf === undefined) return;
    for (const datapoint of emfDatapoints(emf)) this.metrics.put(datapoint);
    this.#options.onMetrics?.(functionName, emf);
  }

  #record(functionName: string, metric: string, unit: string, value: number): void {
    this.metrics.put({
      namespace: "AWS/Lambda",
      metric,
      unit,
      dimensions: { FunctionName: functionName },
      values: [value],
      timestampMs: Date.now(),
    });
  }
}

const throttleWaitMs = 250;

interface DeployedFunction {
  readonly host: FunctionHost;
  readonly log: LogRing;
}

/** `name`, `name:$LATEST`, `account:function:name` or a whole ARN: the name alone. */
function bareName(nameOrArn: string): string {
  const parts = nameOrArn.split(":");
  const marker = parts.indexOf("function");
  const [name = "", qualifier] = marker < 0 ? parts : parts.slice(marker + 1);
  if (qualifier !== undefined && qualifier !== "$LATEST") throw functionNotFound(nameOrArn);
  return name;
}

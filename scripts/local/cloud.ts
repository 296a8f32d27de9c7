import type { ApiGatewayOptions } from "./apigateway/apigateway.ts";
import type { Clock } from "./clock/clock.ts";
import type { Deployer } from "./cloudformation/deployer.ts";
import type { Alarms } from "./cloudwatch/alarms/alarms.ts";
import { createFaults, type Faults } from "./faults.ts";
import { startFront } from "./front.ts";
import type { KinesisOptions, KinesisService } from "./kinesis/kinesis.ts";
import type { LambdaOptions, LambdaService } from "./lambda/lambda.ts";
import { createLocalClients, localCredentials } from "./local-clients.ts";
import { MetricStore } from "./metrics/metric-store.ts";
import { type CloudServices, openServices } from "./open-services.ts";
import type { PublishedMessage } from "./published-messages.ts";
import type { Scheduler } from "./scheduler/scheduler.ts";
import { localRegion } from "./service.ts";
import type { StateMachines } from "./stepfunctions/state-machines.ts";

export interface CloudOptions {
  /** @default 0, a free port */
  readonly port?: number;
  /** Takes what functions and event sources measure. @default a new one */
  readonly metrics?: MetricStore;
  /** Each line that a function writes, with its name; the cloud's own lines come under `cloud`. */
  readonly onLog?: (source: string, line: string) => void;
  readonly faults?: Faults;
  /** What alarms, schedules and state machines go by; a virtual one lets tests pass hours at once. @default the system's */
  readonly clock?: Clock;
  readonly kinesis?: KinesisOptions;
  /** The clock that throttles and quotas of API Gateway go by. */
  readonly apiGateway?: Pick<ApiGatewayOptions, "now">;
  /** What is left to choose of Lambda: idle time, concurrency, backoff and timing of event sources. */
  readonly lambda?: Omit<
    LambdaOptions,
    "extraEnvironment" | "failureDestination" | "kinesis" | "metrics" | "onLog"
  >;
}

export interface Cloud {
  /** E.g. `http://127.0.0.1:4566`: what `--endpoint-url` and `AWS_ENDPOINT_URL` take. */
  readonly endpoint: string;
  readonly port: number;
  /** @see Deployer.deploy */
  deploy: Deployer["deploy"];
  /** The present one; a reset replaces it. */
  readonly kinesis: KinesisService;
  /** The present one; a reset replaces it. */
  readonly lambda: LambdaService;
  readonly metrics: MetricStore;
  /** The present ones; a reset replaces them. */
  readonly alarms: Alarms;
  /** The present one; a reset replaces it. */
  readonly scheduler: Scheduler;
  /** The present ones; a reset replaces them. */
  readonly stateMachines: StateMachines;
  /** The newest messages that were published on topics since the last reset, the oldest first, at most 1,000. */
  readonly published: readonly PublishedMessage[];
  readonly faults: Faults;
  /**
   * Resolves when no function runs or has records to read, and no alarm, schedule or execution is at something; what
   * waits for the clock does not count.
   */
  idle(): Promise<void>;
  /** What a child process needs for its SDK or aws CLI to find this cloud. */
  environment(): Record<string, string>;
  /** Forget every stack, resource, record and fault; the endpoint and the metrics stay. */
  reset(): Promise<void>;
  /** End functions, connections and the listener. Nothing of the cloud is left; calling it again is harmless. */
  stop(): Promise<void>;
}

/**
 * Start the embedded cloud: Kinesis, Lambda, API Gateway, DynamoDB, S3, SQS, SNS, STS, CloudWatch, EventBridge
 * Scheduler, Step Functions and CloudFormation on one local port.
 *
 * Everything is in memory and in this process, apart from the functions, which are child processes.
 *
 * @throws {Error} when the port is taken.
 */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const { metrics = new MetricStore(), faults = createFaults() } = options;
  let services: CloudServices | undefined;
  const running = (): CloudServices => {
    if (services === undefined) throw new Error("the embedded cloud is stopped; start another");
    return services;
  };
  const front = await startFront({
    port: options.port ?? 0,
    services: () => services?.all ?? [],
    faults,
    pages: new Map([
      [
        "health",
        () => ({
          status: "ok",
          services: services?.all.flatMap(({ signingNames }) => signingNames) ?? [],
        }),
      ],
    ]),
    onLog: (line) => options.onLog?.("cloud", line),
  });
  const endpoint = `http://127.0.0.1:${front.port}`;
  const clients = createLocalClients(endpoint);
  const open = () => openServices({ ...options, metrics, clients, environment: environmentOf(endpoint) });
  const closeServices = async () => {
    const closing = services;
    services = undefined;
    for (const service of closing?.all ?? []) await service.close();
  };
  const closeDoor = async () => {
    clients.close();
    await front.stop();
  };
  let stopped: Promise<void> | undefined;

  try {
    services = await open();
  } catch (cause) {
    await closeDoor();
    throw cause;
  }
  return {
    endpoint,
    port: front.port,
    metrics,
    faults,
    get kinesis() {
      return running().kinesis;
    },
    get lambda() {
      return running().lambda;
    },
    get alarms() {
      return running().alarms;
    },
    get scheduler() {
      return running().scheduler;
    },
    get stateMachines() {
      return running().stateMachines;
    },
    get published() {
      return running().published;
    },
    idle: () => running().idle(),
    deploy: (directory, selection) => running().deployer.deploy(directory, selection),
    environment: () => environmentOf(endpoint),
    reset: async () => {
      faults.clear();
      await closeServices();
      services = await open();
    },
    stop: () => {
      stopped ??= closeServices().finally(closeDoor);
      return stopped;
    },
  };
}

function environmentOf(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
  };
}

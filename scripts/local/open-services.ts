import { createApiGateway } from "./apigateway/apigateway.ts";
import { Activity } from "./clock/activity.ts";
import { systemClock } from "./clock/clock.ts";
import type { CloudOptions } from "./cloud.ts";
import { createCloudFormation } from "./cloudformation/cloudformation.ts";
import { createDeployer, type Deployer } from "./cloudformation/deployer.ts";
import { Alarms } from "./cloudwatch/alarms/alarms.ts";
import { createCloudWatch } from "./cloudwatch/cloudwatch.ts";
import { createDynamoDb } from "./dynamodb.ts";
import { createFauxqs } from "./fauxqs.ts";
import { createKinesis, type KinesisService } from "./kinesis/kinesis.ts";
import { createLambda, type LambdaService } from "./lambda/lambda.ts";
import type { LocalClients } from "./local-clients.ts";
import { createMessages } from "./messages.ts";
import type { MetricStore } from "./metrics/metric-store.ts";
import type { PublishedMessage } from "./published-messages.ts";
import { Scheduler } from "./scheduler/scheduler.ts";
import type { LocalService } from "./service.ts";
import { StateMachines } from "./stepfunctions/state-machines.ts";
import { createSts } from "./sts.ts";
import { createWireFailureDestination } from "./wire-failure-destination.ts";

/** What a cloud is made of, from one reset to the next. */
export interface CloudServices {
  readonly kinesis: KinesisService;
  readonly lambda: LambdaService;
  readonly alarms: Alarms;
  readonly scheduler: Scheduler;
  readonly stateMachines: StateMachines;
  readonly published: readonly PublishedMessage[];
  readonly deployer: Deployer;
  /** @see Cloud.idle */
  idle(): Promise<void>;
  /** What starts functions first, then functions, which use the others: they are closed in this order. */
  readonly all: readonly LocalService[];
}

export interface ServiceOptions extends CloudOptions {
  readonly metrics: MetricStore;
  readonly clients: LocalClients;
  /** Of every function. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Make the services and connect them. */
export async function openServices(options: ServiceOptions): Promise<CloudServices> {
  const { metrics, clients, clock = systemClock } = options;
  const onLog = (line: string) => options.onLog?.("cloud", line);
  const activity = new Activity();
  const messages = createMessages(clients);
  const published: PublishedMessage[] = [];
  const kinesis = createKinesis(options.kinesis);
  const fauxqs = await createFauxqs({
    onPublish: (message) => {
      published.push(message);
      if (published.length > maxPublished) published.shift();
      onLog(`sns: ${message.topicArn}: ${message.subject ?? message.message.slice(0, 200)}`);
    },
  });
  const lambda = await createLambda({
    ...options.lambda,
    kinesis,
    failureDestination: createWireFailureDestination(clients),
    extraEnvironment: options.environment,
    metrics,
    onLog: options.onLog,
  });
  const apiGateway = createApiGateway({
    ...options.apiGateway,
    invoke: (functionArn, payload) => lambda.invoke(functionArn, payload),
    onLog,
  });
  const invoke = (functionArn: string, payload: string) => lambda.invokeAsync(functionArn, payload);
  const stateMachines = new StateMachines({
    ...{ clock, activity, metrics, onLog },
    services: {
      ...messages,
      dynamodb: clients.dynamodb,
      invoke: (functionName, payload) => lambda.invoke(functionName, payload),
      invokeAsync: invoke,
    },
  });
  const scheduler = new Scheduler({
    ...{ clock, activity, metrics, onLog },
    targets: {
      ...messages,
      invoke,
      startExecution: (stateMachineArn, input) => {
        stateMachines.start(stateMachineArn, { input });
      },
    },
  });
  const alarms = new Alarms({
    ...{ clock, activity, metrics },
    actions: { ...messages, invoke },
    onLog: (line) => onLog(`alarm ${line}`),
  });
  const layerDirectories = new Map<string, string>();
  const deployer = createDeployer({
    ...clients,
    ...{ alarms, apiGateway, kinesis, lambda, layerDirectories, scheduler, stateMachines },
  });
  const cloudformation = createCloudFormation(deployer.stacks);
  const cloudwatch = createCloudWatch({ metrics, alarms, clock });
  const others = [kinesis, createDynamoDb(), fauxqs, createSts(), cloudformation, cloudwatch];
  const all = [scheduler, stateMachines, lambda, ...apiGateway.services, ...others];
  const idle = async () => {
    // One may start the other.
    do {
      await activity.idle();
      await lambda.idle();
    } while (!activity.isIdle);
  };
  return { kinesis, lambda, alarms, scheduler, stateMachines, published, deployer, idle, all };
}

const maxPublished = 1_000;

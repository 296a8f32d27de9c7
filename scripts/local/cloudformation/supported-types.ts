import type { ResourceProvider } from "./provider.ts";
import {
  apiGatewayGatewayResponse,
  apiGatewayModel,
  apiGatewayRequestValidator,
  apiGatewayResource,
  apiGatewayRestApi,
} from "./providers/apigateway-api.ts";
import { apiGatewayMethod } from "./providers/apigateway-method.ts";
import { apiGatewayDeployment, apiGatewayStage } from "./providers/apigateway-stage.ts";
import {
  apiGatewayApiKey,
  apiGatewayUsagePlan,
  apiGatewayUsagePlanKey,
} from "./providers/apigateway-usage.ts";
import { cloudwatchAlarm } from "./providers/cloudwatch-alarm.ts";
import { dynamodbTables } from "./providers/dynamodb-table.ts";
import { kinesisStream } from "./providers/kinesis-stream.ts";
import { kinesisStreamConsumer } from "./providers/kinesis-stream-consumer.ts";
import { lambdaEventSource } from "./providers/lambda-event-source.ts";
import { lambdaFunction } from "./providers/lambda-function.ts";
import { lambdaLayer } from "./providers/lambda-layer.ts";
import { s3Bucket } from "./providers/s3-bucket.ts";
import { schedulerSchedule, schedulerScheduleGroup } from "./providers/scheduler-schedule.ts";
import { snsSubscription, snsTopic } from "./providers/sns.ts";
import { sqsQueue } from "./providers/sqs-queue.ts";
import { stepFunctionsStateMachine } from "./providers/stepfunctions-state-machine.ts";
import { recordedTypes } from "./recorded-types.ts";

const actedOn: readonly ResourceProvider[] = [
  ...dynamodbTables,
  ...[
    apiGatewayApiKey,
    apiGatewayDeployment,
    apiGatewayGatewayResponse,
    apiGatewayMethod,
    apiGatewayModel,
    apiGatewayRequestValidator,
    apiGatewayResource,
    apiGatewayRestApi,
    apiGatewayStage,
    apiGatewayUsagePlan,
    apiGatewayUsagePlanKey,
  ],
  ...[
    cloudwatchAlarm,
    kinesisStream,
    kinesisStreamConsumer,
    lambdaEventSource,
    lambdaFunction,
    lambdaLayer,
    s3Bucket,
    schedulerSchedule,
    schedulerScheduleGroup,
    snsSubscription,
    snsTopic,
    sqsQueue,
    stepFunctionsStateMachine,
  ],
];

/** Every resource type that can be deployed, by its CloudFormation name. */
export const supportedTypes: ReadonlyMap<string, ResourceProvider> = new Map(
  [...actedOn, ...recordedTypes].map((provider) => [provider.type, provider]),
);

/** Whether resources of a type are only recorded: accepted and referable, without an effect. */
export function isRecordedOnly(type: string): boolean {
  return recordedTypes.some((provider) => provider.type === type);
}

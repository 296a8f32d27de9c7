import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import type { ApiGateway } from "../apigateway/apigateway.ts";
import type { Alarms } from "../cloudwatch/alarms/alarms.ts";
import type { KinesisService } from "../kinesis/kinesis.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { StateMachines } from "../stepfunctions/state-machines.ts";

/** What resources are made of. The clients speak to the embedded cloud itself, over the wire. */
export interface ProviderCloud {
  readonly alarms: Pick<Alarms, "put" | "delete">;
  readonly apiGateway: Pick<ApiGateway, "apis" | "usagePlans">;
  readonly kinesis: Pick<KinesisService, "createStream" | "deleteStream" | "addConsumer" | "removeConsumer">;
  readonly lambda: Pick<
    LambdaService,
    "createFunction" | "deleteFunction" | "createEventSourceMapping" | "deleteEventSourceMapping"
  >;
  readonly scheduler: Pick<Scheduler, "create" | "delete" | "createGroup" | "deleteGroup">;
  readonly stateMachines: Pick<StateMachines, "create" | "delete">;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** Unpacked directory of each layer version, by its ARN; it outlives a stack's own deployment. */
  readonly layerDirectories: Map<string, string>;
}

export interface ProviderContext {
  readonly cloud: ProviderCloud;
  /** A fresh name for this resource, as CloudFormation would make it. */
  physicalName(limits: { readonly maxLength: number; readonly lowerCase?: boolean }): string;
  /**
   * Local directory of an asset.
   * @param objectKey - as the template gives it, e.g. `<hash>.zip`.
   * @throws {Error} when the assembly has no such asset, or it is no directory.
   */
  assetDirectory(objectKey: string): Promise<string>;
}

/** A resource that exists now. */
export interface CreatedResource {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives, by attribute. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Undo the creation. Absent for what was only recorded. */
  readonly remove?: () => Promise<void>;
}

export interface ResourceProvider {
  /** CloudFormation's name of the resource type. */
  readonly type: string;
  /** @param properties - with every intrinsic function resolved. */
  create(context: ProviderContext, properties: unknown): Promise<CreatedResource>;
}

/** A provider whose properties are parsed before it sees them; unlisted properties are accepted and not acted on. */
export function defineProvider<Properties>(options: {
  readonly type: string;
  readonly properties: z.ZodType<Properties>;
  readonly create: (context: ProviderContext, properties: Properties) => Promise<CreatedResource>;
}): ResourceProvider {
  return {
    type: options.type,
    create: async (context, properties) => {
      const parsed = options.properties.safeParse(properties);
      if (!parsed.success)
        throw new Error(`properties are not as expected: ${z.prettifyError(parsed.error)}`);
      return options.create(context, parsed.data);
    },
  };
}

/** CloudFormation takes numbers and booleans as texts too. */
export const numeric = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);
export const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
export const tagList = z
  .array(z.object({ Key: z.string(), Value: z.string() }))
  .default([])
  .transform((tags) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));

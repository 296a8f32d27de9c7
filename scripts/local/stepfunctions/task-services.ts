import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { InvokeResult } from "../lambda/lambda.ts";
import type { Messages } from "../messages.ts";
import { TaskError } from "./task-error.ts";

/** What tasks can call. */
export interface TaskServices extends Messages {
  invoke(functionName: string, payload: string): Promise<InvokeResult>;
  invokeAsync(functionName: string, payload: string): void;
  readonly dynamodb: Pick<DynamoDBClient, "send">;
}

/**
 * Call what a task's `Resource` names, with its input.
 *
 * @throws {TaskError} named as Step Functions names it: what a function threw, `Lambda.…`, `DynamoDB.…`, `SNS.…`.
 */
export async function callTask(resource: string, input: unknown, services: TaskServices): Promise<unknown> {
  if (/^arn:[^:]+:lambda:/.test(resource)) {
    return JSON.parse(String((await invoke(resource, JSON.stringify(input), services)).payload));
  }
  const integration = resource.split(":::")[1] ?? resource;
  if (integration.startsWith("sagemaker:")) {
    throw new TaskError("States.TaskFailed", `${integration} is not available in the embedded cloud`);
  }
  const call = Object.hasOwn(integrations, integration) ? integrations[integration] : undefined;
  if (call === undefined) {
    const have = Object.keys(integrations).join(", ");
    const message = `got the resource ${resource}; the embedded cloud's state machines have functions and ${have}`;
    throw new TaskError("States.Runtime", message);
  }
  return call(input, services);
}

const lambdaInput = z.object({
  FunctionName: z.string(),
  Payload: z.unknown().optional(),
  InvocationType: z.enum(["RequestResponse", "Event"]).default("RequestResponse"),
  Qualifier: z.string().optional(),
});
const snsInput = z.object({ TopicArn: z.string(), Subject: z.string().optional(), Message: z.unknown() });
const sqsInput = z.object({ QueueUrl: z.string(), MessageBody: z.unknown() });

type Integration = (input: unknown, services: TaskServices) => Promise<unknown>;

const integrations: Readonly<Record<string, Integration>> = {
  "lambda:invoke": async (input, services) => {
    const { FunctionName, Payload = {}, InvocationType, Qualifier } = parse(lambdaInput, input);
    const name = Qualifier === undefined ? FunctionName : `${FunctionName}:${Qualifier}`;
    if (InvocationType === "Event") {
      await named("Lambda", async () => services.invokeAsync(name, JSON.stringify(Payload)));
      return { StatusCode: 202 };
    }
    const { payload, requestId } = await invoke(name, JSON.stringify(Payload), services);
    return {
      ExecutedVersion: "$LATEST",
      Payload: JSON.parse(String(payload)),
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: requestId },
      StatusCode: 200,
    };
  },
  "sns:publish": async (input, services) => {
    const { TopicArn, Subject, Message } = parse(snsInput, input);
    const message = { subject: Subject, message: textOf(Message) };
    return { MessageId: await named("SNS", () => services.publish(TopicArn, message)) };
  },
  "sqs:sendMessage": async (input, services) => {
    const { QueueUrl, MessageBody } = parse(sqsInput, input);
    const queueName = QueueUrl.split("/").at(-1) ?? "";
    const message = { body: textOf(MessageBody) };
    return { MessageId: await named("SQS", () => services.sendMessage(queueName, message)) };
  },
  "dynamodb:getItem": dynamodb((input) => new GetItemCommand(input as GetItemCommand["input"])),
  "dynamodb:putItem": dynamodb((input) => new PutItemCommand(input as PutItemCommand["input"])),
  "dynamodb:updateItem": dynamodb((input) => new UpdateItemCommand(input as UpdateItemCommand["input"])),
  "dynamodb:deleteItem": dynamodb((input) => new DeleteItemCommand(input as DeleteItemCommand["input"])),
};

type ItemCommand = GetItemCommand | PutItemCommand | UpdateItemCommand | DeleteItemCommand;

function dynamodb(command: (input: unknown) => ItemCommand): Integration {
  return async (input, services) => {
    const send = services.dynamodb.send as (command: ItemCommand) => Promise<{ readonly $metadata: unknown }>;
    const { $metadata: _metadata, ...answer } = await named("DynamoDB", () =>
      send.call(services.dynamodb, command(input)),
    );
    return answer;
  };
}

/** A function's own error keeps its name; without one it is `Lambda.Unknown`. */
async function invoke(functionName: string, payload: string, services: TaskServices): Promise<InvokeResult> {
  const result = await named("Lambda", () => services.invoke(functionName, payload));
  if (result.functionError === undefined) return result;
  const cause = String(result.payload);
  const { errorType } = z.object({ errorType: z.string().optional() }).parse(JSON.parse(cause));
  const isRuntimes = errorType === undefined || errorType.startsWith("Runtime.");
  throw new TaskError(isRuntimes ? "Lambda.Unknown" : errorType, cause);
}

/** A service's own error is `<Service>.<name>`. */
async function named<Result>(service: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AwsError) throw new TaskError(`${service}.${error.code}`, error.message);
    if (error instanceof Error) throw new TaskError(`${service}.${error.name}`, error.message);
    throw error;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new TaskError("States.Runtime", z.prettifyError(parsed.error));
  return parsed.data;
}

function textOf(message: unknown): string {
  return typeof message === "string" ? message : JSON.stringify(message);
}

import { randomUUID } from "node:crypto";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { kinesisClient, s3Client } from "../../functions/adapters/aws/clients.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { discoverStage } from "../discover.ts";
import { createKinesisEventWriter } from "./event-writer.ts";
import { createS3ObjectStore } from "./object-store.ts";
import { type Redriven, type RedriveOptions, redrive } from "./redrive.ts";

export type RedriveFilter = Pick<
  RedriveOptions,
  "kinds" | "model" | "reason" | "since" | "until" | "limit" | "isDryRun"
>;

/** Redrive on a deployed stage, wherever the SDK's own environment points. */
export async function redriveStage(stage: StageName, filter: RedriveFilter): Promise<Redriven> {
  const outputs = await discoverStage(stage);
  const [s3, kinesis, lambda] = [s3Client(), kinesisClient(), new LambdaClient({})];
  try {
    return await redrive({
      ...filter,
      data: createS3ObjectStore(s3, outputs.DataBucketName),
      parked: createS3ObjectStore(s3, outputs.ParkedBucketName),
      events: createKinesisEventWriter(kinesis, outputs.EventsStreamName),
      modelOf: rememberModels(lambda),
      run: randomUUID(),
      now: Date.now,
    });
  } finally {
    s3.destroy();
    kinesis.destroy();
    lambda.destroy();
  }
}

/** A function serves the model its environment names, or none; of one that was deleted that is not known. */
function rememberModels(client: LambdaClient): RedriveOptions["modelOf"] {
  const models = new Map<string, ReturnType<RedriveOptions["modelOf"]>>();
  return (functionArn) => {
    // What Lambda notes ends in a qualifier, e.g. `…:function:name:$LATEST`.
    const name = functionArn.split(":").slice(0, 7).join(":");
    const asked = models.get(name) ?? askModel(client, name);
    models.set(name, asked);
    return asked;
  };
}

async function askModel(client: LambdaClient, functionName: string): ReturnType<RedriveOptions["modelOf"]> {
  try {
    const { Environment } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    return Environment?.Variables?.HEADRACE_MODEL ?? null;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

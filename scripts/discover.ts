import { CloudFormationClient, DescribeStacksCommand, type Stack } from "@aws-sdk/client-cloudformation";
import type * as z from "zod/mini";
import {
  type ServingOutputs,
  type StageName,
  type StateOutputs,
  servedModels,
  servingOutputs,
  stackName,
  stateOutputs,
} from "../functions/contract/stack-outputs.ts";

/**
 * Find the streams, tables and buckets of a deployed stage by the outputs of its state stack.
 *
 * Endpoint, region and credentials come from the SDK's own environment, so this works on an account and on the
 * embedded cloud alike.
 *
 * @throws {Error} when there is no such stack, or it has not all outputs; the message says where it looked.
 */
export async function discoverStage(
  stage: StageName,
  client: CloudFormationClient = new CloudFormationClient({}),
): Promise<StateOutputs> {
  return await readOutputs(client, stackName(stage, "State"), stateOutputs);
}

/** Find the API of a deployed stage by the outputs of its serving stack. @throws {Error} as `discoverStage` does */
export async function discoverApi(
  stage: StageName,
  client: CloudFormationClient = new CloudFormationClient({}),
): Promise<ServingOutputs> {
  return await readOutputs(client, stackName(stage, "Serving"), servingOutputs);
}

/** Names of the models of a stage that may keep no state; none where nothing is served yet. */
export async function discoverStatelessModels(
  stage: StageName,
  client: CloudFormationClient = new CloudFormationClient({}),
): Promise<readonly string[]> {
  const stack = await describeStack(client, stackName(stage, "Serving"));
  const { StatelessModels } = servedModels.parse(outputsOf(stack));
  return StatelessModels?.split(",") ?? [];
}

async function readOutputs<Schema extends z.ZodMiniType>(
  client: CloudFormationClient,
  name: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const stack = await describeStack(client, name);
  const parsed = schema.safeParse(outputsOf(stack));
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => path.join("."));
  const got = stack === undefined ? "no such stack" : `a stack without the outputs ${missing.join(", ")}`;
  throw new Error(
    `stack ${name} at ${await describePlace(client)}: got ${got}; deploy the stage (npm run deploy), ` +
      "or set AWS_ENDPOINT_URL, AWS_REGION and credentials to where it is (npm start prints them for the embedded cloud)",
  );
}

function outputsOf(stack: Stack | undefined): Record<string, string | undefined> {
  const outputs = stack?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

async function describeStack(client: CloudFormationClient, name: string) {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0];
  } catch (cause) {
    // CloudFormation has no error of its own for a missing stack; others of this name are worded differently.
    const isMissing =
      cause instanceof Error && cause.name === "ValidationError" && /not exist/.test(cause.message);
    if (isMissing) return undefined;
    throw new Error(`stack ${name} at ${await describePlace(client)} cannot be described`, { cause });
  }
}

async function describePlace({ config }: CloudFormationClient): Promise<string> {
  const url = process.env.AWS_ENDPOINT_URL_CLOUDFORMATION ?? process.env.AWS_ENDPOINT_URL;
  const region = await config.region().catch(() => "no region");
  return url === undefined ? `AWS in ${region}` : `${url} in ${region}`;
}

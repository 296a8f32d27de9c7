import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, CfnOutput, Stack } from "aws-cdk-lib";
import type * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { vi } from "vitest";
import { type Cloud, type CloudOptions, startCloud } from "../../../../scripts/local/cloud.ts";

/** A cloud with one REST API of one stage, deployed from a synthesised app. */
export interface StartedApi {
  readonly cloud: Cloud;
  readonly apiId: string;
  /** Of the stage, without a slash at its end. */
  readonly url: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** What the cloud itself logged. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/** Answers with its event, or as the header `x-answer` says; `x-sleep` and `x-throw` do what they say. */
const functionSource = `
exports.handler = async (event) => {
  const { "x-answer": answer, "x-sleep": sleepMs, "x-throw": message } = event.headers;
  if (sleepMs) await new Promise((resolve) => setTimeout(resolve, Number(sleepMs)));
  if (message) throw new Error(message);
  if (answer) return JSON.parse(Buffer.from(answer, "base64").toString());
  return { statusCode: 200, body: JSON.stringify(event) };
};`;

export async function startApi(
  build: (stack: Stack, handler: lambda.IFunction) => apigateway.RestApi,
  options: CloudOptions = {},
): Promise<StartedApi> {
  const directory = await mkdtemp(join(tmpdir(), "headrace-api-"));
  const code = join(directory, "code");
  await mkdir(code);
  await writeFile(join(code, "index.js"), functionSource);
  const outdir = join(directory, "cdk.out");
  // CDK's own check of the template costs seconds.
  vi.stubEnv("CDK_VALIDATION", "false");
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  const stack = new Stack(app, "Api");
  const handler = new lambda.Function(stack, "Function", {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: lambda.Code.fromAsset(code),
  });
  const api = build(stack, handler);
  new CfnOutput(stack, "Id", { value: api.restApiId });
  new CfnOutput(stack, "Root", { value: api.restApiRootResourceId });
  app.synth();
  const lines: string[] = [];
  const cloud = await startCloud({
    ...options,
    onLog: (source, line) => source === "cloud" && lines.push(line),
  });
  const close = async () => {
    await cloud.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const { outputs } = await cloud.deploy(outdir);
    const own = outputs.Api ?? {};
    const url = `${cloud.endpoint}/restapis/${own.Id}/prod/_user_request_`;
    return { cloud, apiId: own.Id ?? "", url, outputs: own, lines, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** The value of the header that tells the function what to answer. */
export function answering(response: unknown): Record<string, string> {
  return { "x-answer": Buffer.from(JSON.stringify(response)).toString("base64") };
}

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../aws-error.ts";
import { maxEventBytes } from "./batch.ts";
import type { FunctionConfig } from "./function-config.ts";
import type { LambdaService } from "./lambda.ts";
import type { EventSourcePoller, EventSourceUpdate } from "./poller.ts";

/**
 * Answer one request of Lambda's REST protocol.
 *
 * Operations: Invoke, GetFunction, GetFunctionConfiguration, ListFunctions, UpdateFunctionConfiguration,
 * ListEventSourceMappings, GetEventSourceMapping, UpdateEventSourceMapping. Everything else is answered 501 in
 * Lambda's error shape: functions are created and deleted by CloudFormation.
 */
export async function handleLambdaRequest(
  lambda: LambdaService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await route(lambda, request, response);
  } catch (error) {
    const known = error instanceof AwsError ? error : new AwsError("ServiceException", String(error), 500);
    response.setHeader("x-amzn-errortype", known.code);
    const type = known.httpStatus >= 500 ? "Service" : "User";
    sendJson(response, known.httpStatus, { Type: type, Message: known.message, message: known.message });
  }
}

async function route(
  lambda: LambdaService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const [version = "", collection = "", name = "", action = ""] = url.pathname
    .split("/")
    .slice(1)
    .map(decodeURIComponent);
  const operation = `${request.method} ${version} ${collection}${name === "" ? "" : " *"}${action === "" ? "" : ` ${action}`}`;
  switch (operation) {
    case "POST 2015-03-31 functions * invocations":
      return invoke(lambda, { name, qualifier: url.searchParams.get("Qualifier") }, request, response);
    case "GET 2015-03-31 functions":
      return sendJson(response, 200, { Functions: lambda.listFunctions().map(functionConfiguration) });
    case "GET 2015-03-31 functions *":
      return sendJson(response, 200, getFunction(lambda.getFunction(name)));
    case "GET 2015-03-31 functions * configuration":
      return sendJson(response, 200, functionConfiguration(lambda.getFunction(name)));
    case "PUT 2015-03-31 functions * configuration":
      return sendJson(response, 200, updateConfiguration(lambda, name, await readJson(request)));
    case "GET 2015-03-31 event-source-mappings":
      return sendJson(response, 200, { EventSourceMappings: listMappings(lambda, url.searchParams) });
    case "GET 2015-03-31 event-source-mappings *":
      return sendJson(response, 200, mappingConfiguration(lambda, lambda.getEventSourceMapping(name)));
    case "PUT 2015-03-31 event-source-mappings *":
      return sendJson(response, 202, await updateMapping(lambda, name, await readJson(request)));
    default: {
      const message = `${request.method} ${url.pathname}: the embedded lambda does not have this operation; deploy functions and event sources with cloudformation`;
      throw new AwsError("NotImplementedException", message, 501);
    }
  }
}

async function invoke(
  lambda: LambdaService,
  { name, qualifier }: { readonly name: string; readonly qualifier: string | null },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const payload = await readBody(request);
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  const config = lambda.getFunction(qualifier === null ? name : `${name}:${qualifier}`);
  if (payload.length > 0) parseJson(payload);
  if (type === "DryRun") return void response.writeHead(204).end();
  if (type === "Event") {
    lambda.invokeAsync(config.functionName, payload);
    return void response.writeHead(202).end();
  }
  if (type !== "RequestResponse") {
    const message = `InvocationType: got "${type}", expected RequestResponse, Event or DryRun`;
    throw new AwsError("InvalidParameterValueException", message, 400);
  }
  const result = await lambda.invoke(config.functionName, payload);
  response.setHeader("x-amzn-requestid", result.requestId);
  response.setHeader("x-amz-executed-version", "$LATEST");
  if (result.functionError !== undefined) response.setHeader("x-amz-function-error", result.functionError);
  if (request.headers["x-amz-log-type"] === "Tail") {
    response.setHeader("x-amz-log-result", Buffer.from(result.logTail).toString("base64"));
  }
  response.writeHead(200, { "content-type": "application/json", "content-length": result.payload.length });
  response.end(result.payload);
}

function getFunction(config: FunctionConfig): unknown {
  return {
    Configuration: functionConfiguration(config),
    Code: { RepositoryType: "Local", Location: config.codeDirectory },
    ...(config.reservedConcurrency !== undefined && {
      Concurrency: { ReservedConcurrentExecutions: config.reservedConcurrency },
    }),
  };
}

function functionConfiguration(config: FunctionConfig): Record<string, unknown> {
  return {
    FunctionName: config.functionName,
    FunctionArn: config.arn,
    Runtime: config.runtime,
    Role: config.role,
    Handler: config.handler,
    Description: config.description ?? "",
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMiB,
    Version: "$LATEST",
    Environment: { Variables: config.environment },
    Layers: config.layerDirectories.map((directory) => ({ Arn: directory })),
    Architectures: [config.architecture],
    PackageType: "Zip",
    State: "Active",
    LastUpdateStatus: "Successful",
    RevisionId: revisionOf(config),
  };
}

/** Each change of a configuration makes a new one. */
const revisions = new WeakMap<FunctionConfig, string>();

function revisionOf(config: FunctionConfig): string {
  const known = revisions.get(config);
  if (known !== undefined) return known;
  const revision = randomUUID();
  revisions.set(config, revision);
  return revision;
}

function updateConfiguration(lambda: LambdaService, name: string, body: Record<string, unknown>): unknown {
  const old = lambda.getFunction(name);
  const allowed = ["FunctionName", "Environment", "MemorySize", "Timeout", "Description", "RevisionId"];
  const others = Object.keys(body).filter((key) => !allowed.includes(key));
  if (others.length > 0) {
    const message = `UpdateFunctionConfiguration: got ${others.join(", ")}; the embedded lambda changes Environment, MemorySize, Timeout and Description; deploy the template for the rest`;
    throw new AwsError("InvalidParameterValueException", message, 400);
  }
  if (body.RevisionId !== undefined && body.RevisionId !== revisionOf(old)) {
    const message =
      "The RevisionId provided does not match the latest one. Call GetFunctionConfiguration and try again";
    throw new AwsError("PreconditionFailedException", message, 412);
  }
  const environment = body.Environment as { Variables?: Record<string, string> } | undefined;
  const config: FunctionConfig = {
    ...old,
    ...(environment !== undefined && { environment: environment.Variables ?? {} }),
    ...(body.MemorySize !== undefined && { memoryMiB: body.MemorySize as number }),
    ...(body.Timeout !== undefined && { timeoutSeconds: body.Timeout as number }),
    ...(body.Description !== undefined && { description: body.Description as string }),
  };
  lambda.updateFunction(config);
  return functionConfiguration(config);
}

function listMappings(lambda: LambdaService, query: URLSearchParams): unknown[] {
  const functionName = query.get("FunctionName");
  const functionArn = functionName === null ? undefined : lambda.getFunction(functionName).arn;
  const sourceArn = query.get("EventSourceArn");
  return lambda
    .listEventSourceMappings()
    .filter(
      ({ mapping }) =>
        functionArn === undefined || lambda.getFunction(mapping.functionName).arn === functionArn,
    )
    .filter(({ mapping }) => sourceArn === null || mapping.eventSourceArn === sourceArn)
    .map((poller) => mappingConfiguration(lambda, poller));
}

function mappingConfiguration(lambda: LambdaService, poller: EventSourcePoller): Record<string, unknown> {
  const { mapping } = poller;
  const destination = mapping.onFailureDestinationArn;
  return {
    UUID: mapping.uuid,
    EventSourceMappingArn: `${mapping.eventSourceArn.replace(/:kinesis:(.*):stream\/.*/, ":lambda:$1")}:event-source-mapping:${mapping.uuid}`,
    EventSourceArn: mapping.eventSourceArn,
    FunctionArn: lambda.getFunction(mapping.functionName).arn,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.maximumBatchingWindowSeconds,
    ParallelizationFactor: mapping.parallelizationFactor,
    StartingPosition: mapping.startingPosition,
    ...(mapping.startingPositionTimestampMs !== undefined && {
      StartingPositionTimestamp: mapping.startingPositionTimestampMs / 1000,
    }),
    MaximumRetryAttempts: mapping.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: mapping.maximumRecordAgeSeconds,
    BisectBatchOnFunctionError: mapping.bisectBatchOnFunctionError,
    TumblingWindowInSeconds: mapping.tumblingWindowSeconds,
    FunctionResponseTypes: mapping.functionResponseTypes,
    DestinationConfig: { OnFailure: destination === undefined ? {} : { Destination: destination } },
    State: mapping.enabled ? "Enabled" : "Disabled",
    StateTransitionReason: "User action",
    LastModified: poller.lastModifiedMs / 1000,
    LastProcessingResult: poller.lastProcessingResult,
  };
}

async function updateMapping(
  lambda: LambdaService,
  uuid: string,
  body: Record<string, unknown>,
): Promise<unknown> {
  const poller = lambda.getEventSourceMapping(uuid);
  if (typeof body.FunctionName === "string") lambda.getFunction(body.FunctionName);
  await lambda.updateEventSourceMapping(uuid, mappingUpdate(body));
  return mappingConfiguration(lambda, poller);
}

const updatable = {
  Enabled: "enabled",
  FunctionName: "functionName",
  BatchSize: "batchSize",
  MaximumBatchingWindowInSeconds: "maximumBatchingWindowSeconds",
  ParallelizationFactor: "parallelizationFactor",
  MaximumRetryAttempts: "maximumRetryAttempts",
  MaximumRecordAgeInSeconds: "maximumRecordAgeSeconds",
  BisectBatchOnFunctionError: "bisectBatchOnFunctionError",
  FunctionResponseTypes: "functionResponseTypes",
  TumblingWindowInSeconds: "tumblingWindowSeconds",
  FilterCriteria: "filterCriteria",
} as const satisfies Record<string, keyof EventSourceUpdate>;

function mappingUpdate({
  DestinationConfig,
  UUID: _uuid,
  ...body
}: Record<string, unknown>): EventSourceUpdate {
  const update: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const key = updatable[name as keyof typeof updatable];
    if (key === undefined) {
      const message = `UpdateEventSourceMapping: got ${name}, expected ${Object.keys(updatable).join(", ")} or DestinationConfig`;
      throw new AwsError("InvalidParameterValueException", message, 400);
    }
    update[key] = value;
  }
  if (DestinationConfig !== undefined) {
    const { OnFailure } = DestinationConfig as { OnFailure?: { Destination?: string } };
    // An empty string removes the destination.
    update.onFailureDestinationArn = OnFailure?.Destination || undefined;
  }
  return update;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parsed = parseJson(await readBody(request));
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new AwsError("InvalidRequestContentException", "the request body is not a json object", 400);
  }
  return parsed as Record<string, unknown>;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new AwsError("InvalidRequestContentException", message, 400);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    // Read to the end all the same: a client that is still sending would see a broken pipe, not the answer.
    if (sizeBytes <= maxEventBytes) chunks.push(chunk);
  }
  if (sizeBytes > maxEventBytes) {
    const message = `Request must be smaller than ${maxEventBytes} bytes for the InvokeFunction operation`;
    throw new AwsError("RequestEntityTooLargeException", message, 413);
  }
  return Buffer.concat(chunks);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

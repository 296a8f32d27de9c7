import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../aws-error.ts";
import type { InvokeResult } from "../lambda/lambda.ts";
import { readBody } from "../request-body.ts";
import type { LocalService } from "../service.ts";
import { parseStageUrl, type StageUrl } from "../stage-url.ts";
import type { ProxyIntegration } from "./definitions.ts";
import type { DeployedMethod, Stage } from "./deployment.ts";
import { type Answer, answerFault } from "./gateway-answer.ts";
import { GatewayFault } from "./gateway-fault.ts";
import { answerMock } from "./mock-answer.ts";
import { makeProxyEvent } from "./proxy-event.ts";
import { readProxyResponse } from "./proxy-response.ts";
import type { RestApis } from "./rest-apis.ts";
import type { RouteMatch } from "./route-table.ts";
import type { ApiKey, UsagePlans } from "./usage-plans.ts";

/** Runs a function and waits; it throws an {@link AwsError} when the function could not be run. */
export type InvokeFunction = (
  functionArn: string,
  payload: string,
) => Promise<Pick<InvokeResult, "payload" | "functionError">>;

export interface ExecuteApiOptions {
  readonly apis: RestApis;
  readonly usagePlans: UsagePlans;
  readonly invoke: InvokeFunction;
  readonly now: () => number;
  /** Why a request was answered with a fault that its caller is not told the reason of. */
  readonly onLog: (line: string) => void;
}

/**
 * The data plane: answer what is sent to `/restapis/<api>/<stage>/_user_request_/<path>`.
 *
 * In API Gateway's order: route, authorization, API key and its usage plan, the stage's throttle, size, request
 * validation, integration. Of an AWS_IAM method a SigV4 signature is asked for, and not verified.
 */
export function createExecuteApi(options: ExecuteApiOptions): LocalService {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = parseStageUrl(request.url ?? "");
    if (url === undefined) throw new Error(`got ${request.url}, expected the address of a stage`);
    const exchange: Exchange = {
      request,
      url,
      stage: options.apis.findStage(url.apiId, url.stageName),
      requestId: randomUUID(),
      extendedRequestId: `${randomBytes(11).toString("base64url")}=`,
      traceId: `Root=1-${Math.floor(options.now() / 1000).toString(16)}-${randomBytes(12).toString("hex")}`,
      receivedAtMs: options.now(),
    };
    const answer = await answerRequest(exchange, options).catch((error: unknown) => {
      if (!(error instanceof GatewayFault)) throw error;
      if (error.reason !== undefined)
        options.onLog(`api gateway: ${request.method} ${request.url}: ${error.type}: ${error.reason}`);
      return answerFault(error, exchange.stage?.deployment.gatewayResponses ?? new Map(), {
        requestId: exchange.requestId,
        extendedRequestId: exchange.extendedRequestId,
        stage: url.stageName,
        apiId: url.apiId,
        httpMethod: request.method ?? "",
        path: `/${url.stageName}${url.path}`,
      });
    });
    send(response, answer, exchange);
  }
  return { signingNames: ["execute-api"], handle, close: async () => {} };
}

/** Of a request, and of an answer. */
const maxBodyBytes = 10 * 1024 * 1024;

interface Exchange {
  readonly request: IncomingMessage;
  readonly url: StageUrl;
  readonly stage: Stage | undefined;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly receivedAtMs: number;
}

async function answerRequest(exchange: Exchange, options: ExecuteApiOptions): Promise<Answer> {
  const { request, url, stage } = exchange;
  if (stage === undefined) {
    const reason = `no API ${url.apiId} has a stage "${url.stageName}"`;
    throw new GatewayFault("ACCESS_DENIED", { reason });
  }
  const route = stage.deployment.routes.match(request.method ?? "", url.path);
  if (route === undefined) throw new GatewayFault("MISSING_AUTHENTICATION_TOKEN");
  const { method, resourcePath, httpMethod } = route;
  if (method.authorization === "AWS_IAM") checkSignature(request, url);
  const apiKey = method.isApiKeyRequired ? admit(exchange, route, options.usagePlans) : undefined;
  if (!stage.take(resourcePath, httpMethod)) throw new GatewayFault("THROTTLED");
  const body = await readLimitedBody(request);
  method.check({
    headers: request.headers,
    query: url.query,
    pathParameters: route.pathParameters,
    body,
  });
  if (method.integration.kind === "mock")
    return answerMock(method.integration, request.headers["content-type"]);
  const { binaryMediaTypes, deploymentId } = stage.deployment;
  const event = makeProxyEvent({
    ...exchange,
    ...url,
    ...route,
    deploymentId,
    resourceId: method.resourceId,
    stageVariables: stage.variables,
    apiKey,
    body,
    binaryMediaTypes,
  });
  const payload = await runFunction(method.integration, JSON.stringify(event), options.invoke);
  return readProxyResponse(payload, { accept: request.headers.accept, binaryMediaTypes });
}

function checkSignature(request: IncomingMessage, { query }: StageUrl): void {
  const { authorization } = request.headers;
  const credential =
    authorization === undefined
      ? query.get("X-Amz-Credential")
      : /^AWS4-\S+ .*\bCredential=([^,\s]+)/.exec(authorization)?.[1];
  if (credential === null) throw new GatewayFault("MISSING_AUTHENTICATION_TOKEN");
  if (credential === undefined || !credential.endsWith("/execute-api/aws4_request"))
    throw new GatewayFault("INVALID_SIGNATURE");
}

function admit(
  { request, url }: Exchange,
  { resourcePath, httpMethod }: RouteMatch<DeployedMethod>,
  usagePlans: UsagePlans,
): ApiKey {
  const keyValue = request.headers["x-api-key"];
  return usagePlans.admit({
    apiId: url.apiId,
    stageName: url.stageName,
    method: `${resourcePath}/${httpMethod}`,
    keyValue: typeof keyValue === "string" ? keyValue : undefined,
  });
}

async function readLimitedBody(request: IncomingMessage): Promise<Buffer> {
  try {
    return await readBody(request, maxBodyBytes);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message = `HTTP content length exceeded ${maxBodyBytes} bytes.`;
    throw new GatewayFault("REQUEST_TOO_LARGE", { message });
  }
}

/** After the timeout the function runs on, as in AWS; only its answer is lost. */
async function runFunction(
  { functionArn, timeoutMs }: ProxyIntegration,
  payload: string,
  invoke: InvokeFunction,
): Promise<Buffer> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GatewayFault("INTEGRATION_TIMEOUT")), timeoutMs);
  });
  try {
    const result = await Promise.race([invoke(functionArn, payload), timeout]);
    if (result.functionError === undefined) return result.payload;
    const reason = `the function failed: ${result.payload.toString()}`;
    throw new GatewayFault("DEFAULT_5XX", { reason });
  } catch (cause) {
    if (!(cause instanceof AwsError)) throw cause;
    if (cause.httpStatus === 413) throw new GatewayFault("REQUEST_TOO_LARGE", { cause });
    throw new GatewayFault("DEFAULT_5XX", { reason: `${cause.code}: ${cause.message}`, cause });
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, answer: Answer, exchange: Exchange): void {
  const { requestId, extendedRequestId, traceId } = exchange;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.setHeader("x-amzn-RequestId", requestId);
  response.setHeader("x-amz-apigw-id", extendedRequestId);
  response.setHeader("X-Amzn-Trace-Id", traceId);
  response.statusCode = answer.statusCode;
  response.end(answer.body);
}

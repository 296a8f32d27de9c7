import type { IncomingMessage } from "node:http";
import { localAccount } from "../service.ts";
import { isBinaryType, readMediaType } from "./media-type.ts";

export interface ProxyEventInput {
  readonly request: Pick<IncomingMessage, "headers" | "httpVersion" | "method" | "rawHeaders" | "socket">;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly apiId: string;
  readonly stageName: string;
  readonly deploymentId: string;
  readonly resourceId: string;
  readonly resourcePath: string;
  /** Below the stage, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly apiKey: { readonly apiKeyId: string; readonly value: string } | undefined;
  readonly body: Buffer;
  readonly binaryMediaTypes: readonly string[];
  readonly receivedAtMs: number;
}

/**
 * Make the event of a Lambda proxy integration, payload format 1.0.
 *
 * Of a header or parameter that is given more than once, the single-valued maps have the last.
 *
 * @see API Gateway Developer Guide, "Input format of a Lambda function for proxy integration"
 */
export function makeProxyEvent(input: ProxyEventInput): Record<string, unknown> {
  const { request, query, body } = input;
  const headers = group([...endToEndHeaders(request.rawHeaders), ...addedHeaders(input)]);
  const parameters = group([...query]);
  const contentType = readMediaType(request.headers["content-type"] ?? "application/json");
  const isBase64Encoded = body.length > 0 && isBinaryType(contentType, input.binaryMediaTypes);
  return {
    resource: input.resourcePath,
    path: input.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: allOf(headers),
    queryStringParameters: lastOf(parameters),
    multiValueQueryStringParameters: allOf(parameters),
    pathParameters: orNull(input.pathParameters),
    stageVariables: orNull(input.stageVariables),
    requestContext: makeRequestContext(input),
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  };
}

function makeRequestContext(input: ProxyEventInput): Record<string, unknown> {
  const { request, apiKey } = input;
  return {
    resourceId: input.resourceId,
    resourcePath: input.resourcePath,
    httpMethod: request.method,
    extendedRequestId: input.extendedRequestId,
    requestTime: commonLogTime(new Date(input.receivedAtMs)),
    path: `/${input.stageName}${input.path}`,
    accountId: localAccount,
    protocol: `HTTP/${request.httpVersion}`,
    stage: input.stageName,
    domainPrefix: input.apiId,
    requestTimeEpoch: input.receivedAtMs,
    requestId: input.requestId,
    identity: {
      ...nobody,
      ...(apiKey !== undefined && { apiKey: apiKey.value, apiKeyId: apiKey.apiKeyId }),
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      userAgent: request.headers["user-agent"] ?? null,
    },
    domainName: request.headers.host ?? "localhost",
    deploymentId: input.deploymentId,
    apiId: input.apiId,
  };
}

/** Whose request it is: signatures are not checked, so it is nobody's. */
const nobody = Object.freeze({
  cognitoIdentityPoolId: null,
  accountId: null,
  cognitoIdentityId: null,
  caller: null,
  principalOrgId: null,
  accessKey: null,
  cognitoAuthenticationType: null,
  cognitoAuthenticationProvider: null,
  userArn: null,
  user: null,
});

type Pairs = readonly (readonly [name: string, value: string])[];

/** What concerns the connection alone ends at the gateway. */
const connectionHeaders = ["connection", "content-length", "expect", "keep-alive", "te", "transfer-encoding"];

/** Names keep the case in which they were sent. */
function endToEndHeaders(rawHeaders: readonly string[]): Pairs {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    const isDropped = connectionHeaders.includes(name.toLowerCase()) || /^x-forwarded-for$/i.test(name);
    // Node reads header bytes as Latin-1, which is also what JSON shall show of them.
    if (!isDropped) pairs.push([name, rawHeaders[i + 1] ?? ""]);
  }
  return pairs;
}

function addedHeaders({ request, traceId }: ProxyEventInput): Pairs {
  const forwarded = [request.headers["x-forwarded-for"] ?? [], request.socket.remoteAddress ?? "127.0.0.1"];
  return [
    ["X-Amzn-Trace-Id", traceId],
    ["X-Forwarded-For", forwarded.flat().join(", ")],
    ["X-Forwarded-Port", String(request.socket.localPort ?? "")],
    ["X-Forwarded-Proto", "http"],
  ];
}

function group(pairs: Pairs): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = groups.get(name);
    if (values === undefined) groups.set(name, [value]);
    else values.push(value);
  }
  return groups;
}

function lastOf(groups: ReadonlyMap<string, readonly string[]>): Record<string, string> | null {
  return orNull(Object.fromEntries([...groups].map(([name, values]) => [name, values.at(-1) ?? ""])));
}

function allOf(groups: ReadonlyMap<string, readonly string[]>): Record<string, readonly string[]> | null {
  return orNull(Object.fromEntries(groups));
}

/** API Gateway says `null` where there is nothing. */
function orNull<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> | null {
  return Object.keys(values).length === 0 ? null : { ...values };
}

/** E.g. `09/Apr/2015:12:34:56 +0000`. */
function commonLogTime(time: Date): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}

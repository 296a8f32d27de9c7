import type { IncomingMessage } from "node:http";
import { readRequestUrl } from "./request-url.ts";
import { nameS3Operation } from "./s3-operation.ts";
import { parseStageUrl } from "./stage-url.ts";

/** Which AWS operation a request asks for, as far as its line and headers tell. */
export interface ServiceCall {
  /** SigV4 signing name, e.g. `kinesis`, `dynamodb`, `s3`, `monitoring`. */
  readonly service: string;
  /**
   * Operation name, e.g. `PutRecords`. A query-protocol service (SNS, STS, CloudFormation) carries it in the
   * body, and a REST service other than S3 in the path: for those it is `Other`.
   */
  readonly operation: string;
}

/**
 * Read the service and the operation out of a request, without touching its body.
 *
 * What is sent to a stage of API Gateway needs no signature, and is `Invoke` of `execute-api`.
 *
 * @returns undefined when the request is unsigned and has no `X-Amz-Target` of a known service.
 * @see AWS Signature Version 4: `Credential=<key>/<date>/<region>/<service>/aws4_request`; version 4A has no region.
 */
export function readServiceCall(
  request: Pick<IncomingMessage, "headers" | "method" | "url">,
): ServiceCall | undefined {
  if (parseStageUrl(request.url ?? "") !== undefined) return { service: "execute-api", operation: "Invoke" };
  const target = request.headers["x-amz-target"];
  const [prefix, targetOperation] = typeof target === "string" ? target.split(".", 2) : [];
  const service = signingName(request) ?? targetServices[prefix ?? ""];
  if (service === undefined) return undefined;
  if (service === "s3") return { service, operation: nameS3Operation(request) };
  return { service, operation: targetOperation ?? "Other" };
}

const targetServices: Readonly<Record<string, string>> = Object.freeze({
  AWSStepFunctions: "states",
  AmazonSQS: "sqs",
  DynamoDB_20120810: "dynamodb",
  GraniteServiceVersion20100801: "monitoring",
  Kinesis_20131202: "kinesis",
});

function signingName(request: Pick<IncomingMessage, "headers" | "url">): string | undefined {
  const header = /\bCredential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1];
  const credential = header ?? readRequestUrl(request).searchParams.get("X-Amz-Credential");
  const scope = credential?.split("/");
  return scope?.at(-1) === "aws4_request" ? scope.at(-2) : undefined;
}

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../aws-error.ts";
import { readBody } from "../request-body.ts";
import { ConditionalCheckFailed, malformed } from "./errors.ts";

/**
 * Answer one AWS JSON 1.0 request.
 *
 * @param run - does the operation named in `X-Amz-Target` with the parsed body.
 */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  run: (operation: string, input: unknown) => object,
): Promise<void> {
  let answer: { readonly status: number; readonly body: string };
  try {
    // Read first: a body left unread would stall the connection.
    const body = await readBody(request, maxRequestBytes);
    answer = { status: 200, body: JSON.stringify(run(operationOf(request), parseBody(body))) };
  } catch (error) {
    // The caller broke off while sending: there is nobody to answer.
    if (request.errored !== null) return;
    answer = answerOf(error);
  }
  response.writeHead(answer.status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(answer.body),
    "x-amzn-requestid": randomUUID(),
  });
  response.end(answer.body);
}

/** DynamoDB's own limit on a request. */
const maxRequestBytes = 16 * 1024 * 1024;
const targetPrefix = "DynamoDB_20120810.";

function operationOf(request: IncomingMessage): string {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string" && target.startsWith(targetPrefix)) return target.slice(targetPrefix.length);
  throw new AwsError(
    "UnknownOperationException",
    `X-Amz-Target ${JSON.stringify(target ?? "")} is none of ${targetPrefix}*`,
  );
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw malformed(`the request body is not JSON: ${(cause as Error).message}`);
  }
}

function answerOf(error: unknown): { readonly status: number; readonly body: string } {
  if (error instanceof AwsError) {
    const { code: __type, message, httpStatus: status } = error;
    const Item = error instanceof ConditionalCheckFailed ? error.item : undefined;
    return { status, body: JSON.stringify({ __type, message, Item }) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, body: JSON.stringify({ __type: "InternalServerError", message }) };
}

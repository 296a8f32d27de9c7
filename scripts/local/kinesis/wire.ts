import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../aws-error.ts";

/** Largest request body taken: 10 MiB of records in base64, with keys and JSON round them. */
export const maxRequestBytes = 20 * 1024 * 1024;

/**
 * Answer one AWS JSON 1.1 request.
 *
 * @param run - runs one operation on its parsed input; what it throws is answered in AWS's shape.
 */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  run: (operation: string, input: unknown) => Promise<object | undefined>,
): Promise<void> {
  let answer: { status: number; headers: Record<string, string>; body: string };
  try {
    const body = await readBody(request);
    const output = await run(operationOf(request), parseBody(body));
    answer = { status: 200, headers: {}, body: output ? JSON.stringify(output) : "" };
  } catch (error) {
    // The client hung up while sending: there is nobody to answer.
    if (request.destroyed && !request.complete) return;
    const { code, message, httpStatus } = awsErrorFrom(error);
    answer = {
      status: httpStatus,
      headers: { "x-amzn-errortype": code },
      body: JSON.stringify({ __type: code, message }),
    };
  }
  response.writeHead(answer.status, {
    "content-type": contentType,
    "content-length": String(Buffer.byteLength(answer.body)),
    "x-amzn-requestid": randomUUID(),
    ...answer.headers,
  });
  response.end(answer.body);
}

const contentType = "application/x-amz-json-1.1";
const targetPrefix = "Kinesis_20131202.";

/** Reads to the end even when the body is too large, so that the client gets to read the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxRequestBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (sizeBytes <= maxRequestBytes) return Buffer.concat(chunks);
  throw new AwsError(
    "RequestEntityTooLargeException",
    `the request body has ${sizeBytes} bytes; at most ${maxRequestBytes} are taken`,
    413,
  );
}

function operationOf(request: IncomingMessage): string {
  const sentType = request.headers["content-type"] ?? "";
  if (!sentType.startsWith(contentType)) {
    throw new AwsError(
      "SerializationException",
      `content type ${JSON.stringify(sentType)} is not served; send ${contentType} (for CBOR clients: AWS_CBOR_DISABLE=true)`,
    );
  }
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
    throw new AwsError("SerializationException", `the request body is not JSON: ${(cause as Error).message}`);
  }
}

function awsErrorFrom(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError("InternalFailure", error instanceof Error ? error.message : String(error), 500);
}

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsError } from "./aws-error.ts";
import { toXml } from "./xml.ts";

/**
 * Answer with an error in the shape that the caller's protocol expects.
 *
 * The protocol is read from the request: `application/x-www-form-urlencoded` is the query protocol (XML, SNS, STS,
 * CloudFormation), the service `s3` has XML of its own, everything else is JSON (target or REST style).
 *
 * @param service - SigV4 signing name, where known.
 */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  { error, service }: { readonly error: AwsError; readonly service: string | undefined },
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const requestId = randomUUID();
  const { code, message, httpStatus } = error;
  const contentType = request.headers["content-type"] ?? "";
  response.statusCode = httpStatus;
  response.setHeader("x-amzn-requestid", requestId);
  if (service === "s3") {
    response.setHeader("content-type", "application/xml");
    response.end(`<Error>${toXml({ Code: code, Message: message, RequestId: requestId })}</Error>`);
  } else if (contentType.startsWith("application/x-www-form-urlencoded")) {
    const type = httpStatus < 500 ? "Sender" : "Receiver";
    response.setHeader("content-type", "text/xml");
    const fault = toXml({ Error: { Type: type, Code: code, Message: message }, RequestId: requestId });
    response.end(`<ErrorResponse>${fault}</ErrorResponse>`);
  } else {
    response.setHeader(
      "content-type",
      contentType.startsWith("application/x-amz-json") ? contentType : "application/json",
    );
    response.setHeader("x-amzn-errortype", code);
    response.end(JSON.stringify({ __type: code, message }));
  }
}

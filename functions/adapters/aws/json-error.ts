import type { HttpAnswer } from "./http-sender.ts";

/** What a service answered instead of a result: its own name of the error, and the status, as the SDK's errors have them. */
export interface JsonError extends Error {
  readonly $metadata: {
    readonly httpStatusCode: number;
    readonly requestId: string | undefined;
    /** Times the request was sent: an earlier one may have been carried out. */
    readonly attempts: number;
  };
}

/** What was parsed of such an answer. */
export interface ErrorBody {
  readonly __type?: unknown;
  readonly message?: unknown;
  readonly Message?: unknown;
}

/** @param service - its name, for an answer that says nothing. */
export function jsonError(
  service: string,
  { status, headers, sends }: HttpAnswer,
  { __type, message, Message }: ErrorBody,
): JsonError {
  const type = __type ?? headers["x-amzn-errortype"];
  const error = new Error(String(message ?? Message ?? `${service} answered ${status}`));
  return Object.assign(error, {
    name: typeof type === "string" ? nameIn(type) : "Unknown",
    $metadata: { httpStatusCode: status, requestId: requestIdIn(headers), attempts: sends },
  });
}

/** What stands between, such as a proxy, answers no JSON; then the status has to say it. */
export function parseErrorBody(text: string): ErrorBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** `com.amazonaws.dynamodb.v20120810#Name`, in other services' manner `Name:http://…`. */
function nameIn(type: string): string {
  return type.slice(type.indexOf("#") + 1).split(/[:,]/, 1)[0]!;
}

function requestIdIn(headers: HttpAnswer["headers"]): string | undefined {
  const id = headers["x-amzn-requestid"];
  return typeof id === "string" ? id : undefined;
}

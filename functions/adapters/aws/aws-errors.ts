import { DependencyError, type ErrorCode, HeadraceError, InvariantError } from "../../core/errors.ts";

type Kind = "throttled" | "timeout" | "unavailable" | "refused" | "wrong";

const throttles = new Set([
  "BandwidthLimitExceeded",
  "KMSThrottlingException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);
const timeouts = new Set(["ETIMEDOUT", "RequestTimeout", "RequestTimeoutException", "TimeoutError"]);
const outages = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "InternalFailure",
  "InternalServerError",
  "ServiceUnavailable",
  // The SDK learns the server's time from such an answer, so that the next attempt is signed rightly.
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
]);
/** Set right outside this code: permissions, credentials, keys, what was deployed. */
const refusals =
  /AccessDenied|Credentials|ExpiredToken|InvalidSignature|SignatureDoesNotMatch|UnrecognizedClient|InvalidAccessKeyId|^KMS|NoSuchBucket|ResourceNotFound|ResourceInUse|Forbidden|StateMachineDoesNotExist/;

/** Whether the same request may succeed in a moment. */
export function isTransient(error: unknown): boolean {
  if (error instanceof HeadraceError) return error.retryable;
  const kind = kindOf(error);
  return kind === "throttled" || kind === "timeout" || kind === "unavailable";
}

/** Whether the error is the service's answer of that name, such as `ConditionalCheckFailedException`. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/**
 * Wrap what an SDK client threw, once, in an error of ours; ours pass as they are.
 *
 * Throttles, timeouts, outages and refusals (permissions, missing tables) are a `DependencyError`; a request that
 * AWS calls malformed, or anything thrown in this process, is an `InvariantError`.
 *
 * @param what - the operation and its target, e.g. `dynamodb PutItem to table x`.
 */
export function toHeadraceError(error: unknown, what: string): HeadraceError {
  if (error instanceof HeadraceError) return error;
  const kind = kindOf(error);
  const name = nameOf(error);
  const message = `${what}: ${name}: ${error instanceof Error ? error.message : String(error)}`;
  const details = { operation: what, name, status: statusOf(error) };
  if (kind === "wrong") return new InvariantError(message, { details, cause: error });
  const code: ErrorCode = kind === "refused" ? "dependency.unavailable" : `dependency.${kind}`;
  return new DependencyError(message, { code, details, cause: error });
}

function kindOf(error: unknown): Kind {
  const name = nameOf(error);
  const status = statusOf(error);
  if (throttles.has(name) || status === 429) return "throttled";
  if (timeouts.has(name)) return "timeout";
  if (outages.has(name) || (status !== undefined && status >= 500)) return "unavailable";
  if (refusals.test(name) || status === 401 || status === 403) return "refused";
  return "wrong";
}

/** The service's own name of the error, or the system's code where the request never got an answer. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  // Both the system's errors and the SDK's `TimeoutError`, which it makes of closed connections too, bear a code.
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code !== undefined && (error.name === "TimeoutError" || statusOf(error) === undefined)) return code;
  return error.name;
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
}

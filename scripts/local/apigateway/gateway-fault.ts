/** Why the gateway itself answers, by API Gateway's own names; each may be given another shape by the API. */
export type GatewayFaultType = keyof typeof gatewayFaults;

/** An answer of the gateway in place of the integration's. */
export class GatewayFault extends Error {
  override readonly name = "GatewayFault";
  readonly type: GatewayFaultType;
  /** For the log: what the caller is not told. */
  readonly reason: string | undefined;

  /** @param details - `message` for the caller, in place of the type's own; `reason` for the log. */
  constructor(
    type: GatewayFaultType,
    details: { readonly message?: string; readonly reason?: string; readonly cause?: unknown } = {},
  ) {
    super(details.message ?? gatewayFaults[type].message, { cause: details.cause });
    this.type = type;
    this.reason = details.reason;
  }
}

/**
 * Status, `x-amzn-ErrorType` and message of each.
 *
 * @see API Gateway Developer Guide, "Gateway response types for API Gateway"
 */
export const gatewayFaults = Object.freeze({
  ACCESS_DENIED: fault(403, "ForbiddenException", "Forbidden"),
  INVALID_API_KEY: fault(403, "ForbiddenException", "Forbidden"),
  INVALID_SIGNATURE: fault(
    403,
    "IncompleteSignatureException",
    "Authorization header requires a SigV4 'Credential' parameter for the service 'execute-api'.",
  ),
  MISSING_AUTHENTICATION_TOKEN: fault(
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
  ),
  BAD_REQUEST_BODY: fault(400, "BadRequestException", "Invalid request body"),
  BAD_REQUEST_PARAMETERS: fault(400, "BadRequestException", "Missing required request parameters"),
  REQUEST_TOO_LARGE: fault(413, "RequestTooLargeException", "Request Too Long"),
  THROTTLED: fault(429, "TooManyRequestsException", "Too Many Requests"),
  QUOTA_EXCEEDED: fault(429, "LimitExceededException", "Limit Exceeded"),
  API_CONFIGURATION_ERROR: fault(500, "InternalServerErrorException", "Internal server error"),
  /** The function failed, could not be run, or answered in no shape that the gateway knows. */
  DEFAULT_5XX: fault(502, "InternalServerErrorException", "Internal server error"),
  INTEGRATION_TIMEOUT: fault(504, "InternalServerErrorException", "Endpoint request timed out"),
});

function fault(statusCode: number, errorType: string, message: string) {
  return Object.freeze({ statusCode, errorType, message });
}

import type { PredictErrorBody } from "../../contract/http.ts";
import type { OipError } from "../../contract/oip.ts";
import {
  DependencyError,
  type ErrorCode,
  type HeadraceError,
  InputError,
  ModelArtifactError,
  ModelNotFoundError,
  ModelRunError,
} from "../../core/errors.ts";

/** An error as a caller gets to see it. */
export interface HttpFailure {
  readonly status: 400 | 404 | 413 | 415 | 500 | 503;
  /** Absent where the cause is none of the caller's business. */
  readonly code?: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Seconds after which another try makes sense. */
  readonly retryAfterSeconds?: number;
}

/**
 * What of an error leaves the function.
 *
 * Errors of the request and unknown models are told in full, rows that the model fails on by their numbers; of all
 * else the caller learns whether to try again, and the request's id leads to the logs.
 */
export function failureOf(error: unknown): HttpFailure {
  if (error instanceof InputError) {
    return { status: inputStatus[error.code] ?? 400, ...toldInFull(error) };
  }
  if (error instanceof ModelNotFoundError) return { status: 404, ...toldInFull(error) };
  // An error that names rows was made for callers; one from the runtime itself speaks of its insides.
  if (error instanceof ModelRunError && "rows" in error.details) return { status: 500, ...toldInFull(error) };
  if (error instanceof ModelRunError) return { status: 500, message: `the model failed; ${quoteId}` };
  if (error instanceof ModelArtifactError) {
    return { status: 503, message: `the model cannot serve at present; ${quoteId}` };
  }
  if (error instanceof DependencyError) {
    return {
      status: 503,
      message: `something this function depends on does not answer; try again, or ${quoteId}`,
      retryAfterSeconds: 1,
    };
  }
  return { status: 500, message: `an internal error; ${quoteId}` };
}

const quoteId = "quote the request id to whoever runs this service";

const inputStatus: Partial<Record<ErrorCode, HttpFailure["status"]>> = {
  "input.too_large": 413,
  "input.media_type": 415,
};

function toldInFull({
  code,
  message,
  details,
}: HeadraceError): Pick<HttpFailure, "code" | "message" | "details"> {
  return { code, message, ...(Object.keys(details).length > 0 && { details }) };
}

/** The body of a failed call of the Open Inference Protocol. */
export function oipErrorBody({ code, message, details }: HttpFailure, requestId: string): OipError {
  return { error: message, ...(code && { code }), ...(details && { details }), requestId };
}

/** The body of a failed call that takes whole events. */
export function predictErrorBodyOf(
  { code, message, details }: HttpFailure,
  requestId: string,
): PredictErrorBody {
  return { error: { ...(code && { code }), message, ...(details && { details }), requestId } };
}

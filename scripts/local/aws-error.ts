/**
 * An error in AWS's own shape, as a service of the embedded cloud answers it.
 *
 * `code` is what an SDK turns into the name of the exception, e.g. `ResourceNotFoundException`.
 */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly httpStatus: number;

  /** @param httpStatus - 400 by default, the status of nearly every client fault in AWS's JSON protocols. */
  constructor(code: string, message: string, httpStatus = 400) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

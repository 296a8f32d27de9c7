/** What went wrong, machine-readable; the part before the dot is the family. */
export type ErrorCode =
  | "input.malformed"
  | "input.missing"
  | "input.type"
  | "input.range"
  | "input.shape"
  | "input.too_large"
  | "input.media_type"
  | "model.unknown"
  | "model.alias"
  | "model.version"
  | "model.digest"
  | "model.package"
  | "model.operator"
  | "model.samples"
  | "run.failed"
  | "run.output"
  | "dependency.throttled"
  | "dependency.timeout"
  | "dependency.unavailable"
  | "dependency.conflict"
  | "config.env"
  | "config.stage"
  | "config.model"
  | "bug";

export interface ErrorOptions {
  readonly code: ErrorCode;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * Base of every error that leaves a module of ours.
 *
 * `name` is a literal and API: Step Functions and tests match it, so it survives minification.
 */
export class HeadraceError extends Error {
  override readonly name: string = "HeadraceError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether trying again, without changing anything, may succeed. */
  readonly retryable: boolean = false;

  constructor(message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.details = options.details ?? {};
  }
}

/** An event or request whose content is at fault. */
export class InputError extends HeadraceError {
  override readonly name = "InputError";
}

/** No such model, or the alias names no version. */
export class ModelNotFoundError extends HeadraceError {
  override readonly name = "ModelNotFoundError";
}

/** A package that is damaged, incomplete, or fails its own samples. */
export class ModelArtifactError extends HeadraceError {
  override readonly name = "ModelArtifactError";
}

/** The model failed on given rows. */
export class ModelRunError extends HeadraceError {
  override readonly name = "ModelRunError";
}

/** Something outside this process did not do its part; worth another try. */
export class DependencyError extends HeadraceError {
  override readonly name = "DependencyError";
  override readonly retryable = true;
}

/** Somebody else wrote first; read again and decide anew. */
export class ConflictError extends HeadraceError {
  override readonly name = "ConflictError";
}

/** Configuration that is missing or invalid. */
export class ConfigError extends HeadraceError {
  override readonly name = "ConfigError";
}

/** A bug of ours: something that cannot happen did. */
export class InvariantError extends HeadraceError {
  override readonly name = "InvariantError";

  constructor(message: string, options: Omit<ErrorOptions, "code"> = {}) {
    super(message, { ...options, code: "bug" });
  }
}

/** Structured logs. Never pass payloads, features or outputs. */
export interface Logger {
  /** The invocation in progress; on every line while it is set. */
  requestId?: string | undefined;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>> & { error?: unknown }): void;
}

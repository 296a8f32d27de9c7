import type { Logger } from "../../core/observe/logger.ts";

export interface LoggedLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Log lines in a list. */
export class MemoryLogger implements Logger {
  requestId: string | undefined;
  readonly lines: LoggedLine[] = [];

  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: Readonly<Record<string, unknown>> & { error?: unknown } = {}): void {
    this.lines.push({ level: "error", message, fields });
  }
}

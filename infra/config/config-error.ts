import type * as z from "zod";

/** Configuration that is missing or invalid; synthesis stops. `code` is the same as the functions' taxonomy has. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config.stage";
}

/** Say every problem of a value at once: where, what came, and what is allowed. */
export function describeIssues(error: z.ZodError, input: unknown): string {
  return error.issues.map((issue) => describeIssue(issue, input)).join("; ");
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
  if (issue.code === "unrecognized_keys") return `${where}unknown key ${issue.keys.join(", ")}`;
  const got = JSON.stringify(valueAt(input, issue.path)) ?? "nothing";
  const reason = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${where}got ${got}, ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

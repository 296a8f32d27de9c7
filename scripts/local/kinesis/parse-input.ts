import { z } from "zod";
import { AwsError } from "../aws-error.ts";

/**
 * Check an operation's input.
 *
 * @throws {AwsError} `SerializationException` for a value of the wrong JSON type, else `ValidationException` with
 *   every constraint that failed, as AWS has it.
 */
export function parseInput<Schema extends z.ZodObject>(schema: Schema, input: unknown): z.output<Schema> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new AwsError("SerializationException", "the request body must be a JSON object");
  }
  // In AWS's JSON protocols a null member is an absent one.
  const members = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const result = schema.safeParse(members, { reportInput: true });
  if (result.success) return result.data;
  const { issues } = result.error;
  const mistyped = issues.find((issue) => issue.code === "invalid_type" && issue.input !== undefined);
  if (mistyped) {
    throw new AwsError("SerializationException", `at '${mistyped.path.join(".")}': ${mistyped.message}`);
  }
  throw validationError(
    issues.map((issue) => `Value ${describe(issue.input)} at '${issue.path.join(".")}': ${issue.message}`),
  );
}

/** A `ValidationException` that lists every constraint that failed. */
export function validationError(failures: readonly string[]): AwsError {
  const plural = failures.length === 1 ? "" : "s";
  return new AwsError(
    "ValidationException",
    `${failures.length} validation error${plural} detected: ${failures.join("; ")}`,
  );
}

export const streamNameField = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z0-9_.-]+$/);

/** The two ways to name a stream. */
export const streamFields = {
  StreamName: streamNameField.optional(),
  StreamARN: z.string().min(1).max(2048).optional(),
} as const;

export const streamArnField = z.string().min(1).max(2048);
export const shardIdField = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z0-9_.-]+$/);
export const sequenceNumberField = z.string().regex(/^(0|[1-9]\d{0,128})$/);
export const hashKeyField = z.string().regex(/^(0|[1-9]\d{0,38})$/);
/** Seconds since the epoch with a fraction on the wire; whole milliseconds once parsed. */
export const timestampField = z.number().transform((seconds) => Math.round(seconds * 1000));
export const nextTokenField = z.string().min(1).max(1_048_576);

function describe(value: unknown): string {
  if (value === undefined) return "null";
  return `'${String(typeof value === "object" ? JSON.stringify(value) : value).slice(0, 100)}'`;
}

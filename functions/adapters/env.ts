import * as z from "zod/mini";
import { ConfigError } from "../core/errors.ts";

// A function parses each kind of document once or twice: compiling a parser for it would cost more than it saves.
z.config({ jitless: true });

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Read a function's environment; nothing else in functions/ looks at `process.env`.
 *
 * @param schema - one field per variable; see contract/env.ts.
 * @throws {ConfigError} `config.env` naming every variable that is not set, empty or invalid.
 */
export function readEnv<Schema extends z.ZodMiniObject>(
  schema: Schema,
  source: Variables = process.env,
): z.infer<Schema> {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return describeProblem(name, source[name], schema.shape[name]);
  });
  throw new ConfigError(`environment: ${problems.join("; ")}; set it in the function's configuration`, {
    code: "config.env",
    details: { problems },
  });
}

/** Memory of this function, in MiB; undefined outside Lambda. */
export function functionMemoryMiB(source: Variables = process.env): number | undefined {
  const text = source.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
  return text === undefined ? undefined : Number(text);
}

/** Memory of this function, in MiB. @throws {ConfigError} `config.env` outside Lambda, where it is not known */
export function requiredMemoryMiB(source: Variables = process.env): number {
  return Number(required("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", source));
}

/** Name of this function. @throws {ConfigError} `config.env` where it is not set */
export function functionName(source: Variables = process.env): string {
  return required("AWS_LAMBDA_FUNCTION_NAME", source);
}

/** Region of this function. @throws {ConfigError} `config.env` where it is not set */
export function functionRegion(source: Variables = process.env): string {
  return required("AWS_REGION", source);
}

/** Credentials of this function's role. @throws {ConfigError} `config.env` where they are not set */
export function functionCredentials(source: Variables = process.env): FunctionCredentials {
  const sessionToken = source.AWS_SESSION_TOKEN;
  return {
    accessKeyId: required("AWS_ACCESS_KEY_ID", source),
    secretAccessKey: required("AWS_SECRET_ACCESS_KEY", source),
    ...(sessionToken ? { sessionToken } : {}),
  };
}

export interface FunctionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The function's bundle, as stacks name it. */
export function functionBundlePath(source: Variables = process.env): string {
  return `${source.LAMBDA_TASK_ROOT ?? "/var/task"}/index.js`;
}

/** What is bundled of the function's `thread.ts`. */
export function functionThreadPath(source: Variables = process.env): string {
  return `${source.LAMBDA_TASK_ROOT ?? "/var/task"}/thread.js`;
}

const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];

/** The level that the function's logging configuration asks for; Lambda knows two more, taken as their neighbours. */
export function functionLogLevel(source: Variables = process.env): LogLevel {
  const asked = source.AWS_LAMBDA_LOG_LEVEL?.toLowerCase() ?? "";
  if (asked === "trace") return "debug";
  if (asked === "fatal") return "error";
  return levels.find((level) => level === asked) ?? "info";
}

/** A service by its part of a variable's name. */
export type OverridableService = "DYNAMODB" | "KINESIS" | "LAMBDA" | "S3" | "SFN" | "SNS";

/** Where the SDK's environment sends a service; undefined for AWS. */
export function endpointOverride(
  service: OverridableService,
  source: Variables = process.env,
): string | undefined {
  if (source.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true") return undefined;
  return source[`AWS_ENDPOINT_URL_${service}`] || source.AWS_ENDPOINT_URL || undefined;
}

function required(name: string, source: Variables): string {
  const value = source[name];
  if (value) return value;
  throw new ConfigError(
    `${name}: ${value === undefined ? "not set" : "empty"}, expected what Lambda sets; run it in Lambda or the embedded cloud`,
    { code: "config.env" },
  );
}

function describeProblem(name: string, got: string | undefined, schema: unknown): string {
  const expected = expectation(schema as z.ZodMiniType);
  if (got === undefined) return `${name}: not set, expected ${expected}`;
  if (got === "") return `${name}: empty, expected ${expected}`;
  return `${name}: got ${JSON.stringify(got)}, expected ${expected}`;
}

/** What a variable may be, in the schema's own words: those it has for a text that nothing allows. */
function expectation(schema: z.ZodMiniType): string {
  const issue = schema.safeParse("").error?.issues[0];
  if (issue?.code === "invalid_value") return `one of ${issue.values.join(", ")}`;
  if (issue?.code === "invalid_format") return `what ${issue.message}`;
  return "a text that is not empty";
}

import { AwsError } from "../aws-error.ts";

/** What CloudFormation says about one function, with assets resolved to directories. */
export interface FunctionConfig {
  readonly functionName: string;
  readonly arn: string;
  /** Unpacked code asset; copied before use, so that nothing beside it can be required. */
  readonly codeDirectory: string;
  /** Unpacked layer assets in template order; modules stand under `nodejs/node_modules`. */
  readonly layerDirectories: readonly string[];
  /** `file.export`, e.g. `index.handler`; a `.js`, `.mjs` or `.cjs` file. */
  readonly handler: string;
  readonly runtime: string;
  readonly architecture: "arm64" | "x86_64";
  /** 1 to 900. */
  readonly timeoutSeconds: number;
  /** 128 to 10,240. */
  readonly memoryMiB: number;
  readonly environment: Readonly<Record<string, string>>;
  /** At most so many invocations at a time; more are throttled with 429. 0 stops the function. */
  readonly reservedConcurrency?: number;
  readonly description?: string;
  readonly role?: string;
}

/** The settings that UpdateFunctionConfiguration may change. */
export type FunctionSettings = Pick<FunctionConfig, "environment" | "memoryMiB" | "timeoutSeconds">;

const runtimes = ["nodejs22.x", "nodejs24.x"];

/**
 * Check a function's settings against Lambda's limits.
 *
 * @throws {AwsError} `InvalidParameterValueException`, naming every setting that is out of range.
 * @see AWS Lambda developer guide, "Lambda quotas" and "Defined runtime environment variables"
 */
export function checkFunctionConfig(config: FunctionConfig): void {
  const problems: string[] = [];
  if (!runtimes.includes(config.runtime)) {
    problems.push(`runtime: got "${config.runtime}", the embedded cloud runs ${runtimes.join(" and ")}`);
  }
  if (!isIntegerIn(config.timeoutSeconds, 1, 900)) {
    problems.push(`timeout: got ${config.timeoutSeconds} s, expected an integer from 1 to 900`);
  }
  if (!isIntegerIn(config.memoryMiB, 128, 10_240)) {
    problems.push(`memory: got ${config.memoryMiB} MiB, expected an integer from 128 to 10240`);
  }
  const reserved = config.reservedConcurrency;
  if (reserved !== undefined && !isIntegerIn(reserved, 0, Number.MAX_SAFE_INTEGER)) {
    problems.push(`reserved concurrency: got ${reserved}, expected an integer from 0`);
  }
  const variables = Object.entries(config.environment);
  const environmentBytes = variables.reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (environmentBytes > 4096) {
    problems.push(`environment: got ${environmentBytes} bytes of names and values, at most 4096 are allowed`);
  }
  const reservedNames = variables.map(([name]) => name).filter((name) => reservedVariables.has(name));
  if (reservedNames.length > 0) {
    problems.push(`environment: ${reservedNames.join(", ")} is set by lambda itself; choose another name`);
  }
  if (problems.length > 0) {
    const message = `function "${config.functionName}": ${problems.join("; ")}`;
    throw new AwsError("InvalidParameterValueException", message, 400);
  }
}

/** Names that Lambda refuses in a function's own environment. */
export const reservedVariables: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
]);

function isIntegerIn(value: number, lowest: number, highest: number): boolean {
  return Number.isInteger(value) && value >= lowest && value <= highest;
}

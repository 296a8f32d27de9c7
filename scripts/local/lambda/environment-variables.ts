import { delimiter } from "node:path";
import { localRegion } from "../service.ts";
import type { FunctionConfig } from "./function-config.ts";
import { layerModulePaths } from "./layer-modules.ts";

export interface EnvironmentPlace {
  /** The copied code: `/var/task` in Lambda. */
  readonly taskRoot: string;
  /** Private to one execution environment: `/tmp` in Lambda. */
  readonly temporaryDirectory: string;
  /** `host:port/prefix` of the Runtime API. */
  readonly runtimeApi: string;
  readonly logStreamName: string;
}

/**
 * The whole environment of a function's process: the template's variables, Lambda's own, and `extra`.
 *
 * Of the host's environment only `PATH` is passed on (and on Windows `SystemRoot`, without which sockets fail), so a
 * function cannot come to depend on the developer's shell. `HOME` is the temporary directory for the same reason:
 * the SDK would otherwise read the developer's `~/.aws`.
 */
export function environmentVariables(
  config: FunctionConfig,
  place: EnvironmentPlace,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const runtimeDirectories = [...layerModulePaths(config), place.taskRoot];
  return {
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    ...extra,
    ...config.environment,
    ...hostVariables(),
    HOME: place.temporaryDirectory,
    TMPDIR: place.temporaryDirectory,
    TZ: ":UTC",
    NODE_PATH: runtimeDirectories.join(delimiter),
    LAMBDA_TASK_ROOT: place.taskRoot,
    _HANDLER: config.handler,
    AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: config.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMiB),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStreamName,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    ...windowsVariables(place.temporaryDirectory),
  };
}

function hostVariables(): Record<string, string> {
  return { PATH: process.env.PATH ?? "" };
}

function windowsVariables(temporaryDirectory: string): Record<string, string> {
  if (process.platform !== "win32") return {};
  return {
    SystemRoot: process.env.SystemRoot ?? "C:\\Windows",
    TEMP: temporaryDirectory,
    TMP: temporaryDirectory,
    USERPROFILE: temporaryDirectory,
  };
}

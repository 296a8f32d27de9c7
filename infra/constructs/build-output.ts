import { existsSync } from "node:fs";
import { join } from "node:path";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { ConfigError } from "../config/config-error.ts";
import type { Architecture } from "../config/target.ts";

/**
 * The bundle of one function, as `npm run build` left it; synthesis builds nothing.
 *
 * @throws {ConfigError} when it is not there.
 */
export function functionCode(buildDirectory: string, name: string): lambda.Code {
  return built(join(buildDirectory, "functions", name), "index.js");
}

/** The ONNX Runtime layer of one architecture, as `npm run build` left it. */
export function runtimeLayerCode(buildDirectory: string, architecture: Architecture): lambda.Code {
  const folder = architecture === "arm64" ? "arm64" : "x64";
  return built(join(buildDirectory, "layers", "onnxruntime", folder), join("nodejs", "node_modules"));
}

function built(directory: string, content: string): lambda.Code {
  if (existsSync(join(directory, content))) return lambda.Code.fromAsset(directory);
  throw new ConfigError(`${directory}: got no ${content}, expected what the build writes; run npm run build`);
}

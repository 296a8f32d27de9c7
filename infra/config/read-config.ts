import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Node } from "constructs";
import { type StageName, stageName } from "../../functions/contract/stack-outputs.ts";
import { ConfigError, describeIssues } from "./config-error.ts";
import { type StageConfig, stageConfig } from "./stage-config.ts";
import { stages } from "./stages.ts";
import { type Target, target } from "./target.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Everything that synthesis is told from outside. */
export interface AppConfig {
  readonly stage: StageName;
  readonly target: Target;
  /** Absolute path of what `npm run build` wrote. */
  readonly buildDirectory: string;
  readonly config: StageConfig;
}

/**
 * Read and check the CDK context.
 *
 * - `stage`: `dev` (default) or `prod`.
 * - `target`: `aws` (default) or `local`, the embedded cloud.
 * - `models`: instead of the stage's models, `{ "<name>": { …settings } }` as JSON, or the path of a JSON file of it.
 * - `api`, `archive`, `budget`: instead of the stage's settings of that name, likewise, e.g. `{ "auth": "iam" }`.
 * - `build`: another folder than `build`, relative to the project.
 *
 * @throws {ConfigError} with every problem found.
 */
export function readConfig(node: Node): AppConfig {
  const stage = choose(node, "stage", stageName.options, "dev");
  const chosen = choose(node, "target", target.options, "aws");
  const build: unknown = node.tryGetContext("build") ?? "build";
  if (typeof build !== "string")
    throw new ConfigError(`context "build": got ${JSON.stringify(build)}, expected a path`);
  const given = (["models", "api", "archive", "budget"] as const).flatMap((key) => {
    const value = readJson(node, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const input = { ...stages[stage], ...Object.fromEntries(given) };
  const parsed = stageConfig.safeParse(input);
  if (parsed.success)
    return { stage, target: chosen, buildDirectory: resolve(root, build), config: parsed.data };
  const sources = ["infra/config/stages.ts", ...given.map(([key]) => `the context "${key}"`)];
  throw new ConfigError(
    `stage "${stage}": ${describeIssues(parsed.error, input)}; fix ${sources.join(" or ")}`,
  );
}

function choose<Choice extends string>(
  node: Node,
  key: string,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  const got: unknown = node.tryGetContext(key) ?? otherwise;
  const choice = choices.find((each) => each === got);
  if (choice !== undefined) return choice;
  throw new ConfigError(
    `context "${key}": got ${JSON.stringify(got)}, expected ${choices.join(" or ")}; pass -c ${key}=${otherwise}`,
  );
}

const examples = {
  models: '{"flight-delay":{}}',
  api: '{"auth":"iam"}',
  archive: '{"enabled":false}',
  budget: '{"monthlyUsd":50}',
};

/** The value is checked with the rest of the stage; here it is only read. */
function readJson(node: Node, key: keyof typeof examples): unknown {
  const given: unknown = node.tryGetContext(key);
  if (typeof given !== "string") return given;
  try {
    return JSON.parse(given.trimStart().startsWith("{") ? given : readFileSync(resolve(root, given), "utf8"));
  } catch (cause) {
    throw new ConfigError(
      `context "${key}": got ${JSON.stringify(given)}, expected JSON or the path of a JSON file (${cause instanceof Error ? cause.message : cause}); pass e.g. -c ${key}='${examples[key]}'`,
      { cause },
    );
  }
}

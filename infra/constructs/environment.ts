import { ConfigError } from "../config/config-error.ts";

/** A variable that is undefined is not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Merge environments key by key.
 *
 * @throws {ConfigError} when two of them set the same variable: one would silently win.
 */
export function mergeEnvironment(...parts: readonly (Environment | undefined)[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const [key, value] of parts.flatMap((part) => Object.entries(part ?? {}))) {
    if (value === undefined) continue;
    if (key in merged) {
      throw new ConfigError(
        `environment variable ${key}: got it twice, expected it once; it is set by the construct, so remove it from the environment you pass`,
      );
    }
    merged[key] = value;
  }
  return merged;
}

import { minDigestDigits } from "../../functions/core/rollout/version-of.ts";
import { UsageError } from "../cli/usage-error.ts";
import { ratioOf } from "./ratio-of.ts";

/** What `[model] <version>` says; the model may be left out. */
export interface VersionOperands {
  readonly model: string | undefined;
  readonly version: string;
}

/** What `[model] [version] <percent|off>` says. */
export interface RatioOperands {
  readonly model: string | undefined;
  /** Undefined: whichever the alias names. */
  readonly version: string | undefined;
  /** From 0 to 1, or `off`. */
  readonly ratio: number | "off";
}

/** Read `[model]`. @throws {UsageError} for more. */
export function modelOperand(operands: readonly string[]): string | undefined {
  if (operands.length <= 1) return operands[0];
  throw new UsageError(`got ${quoted(operands)}, expected a model at most`);
}

/** Read `[model] <version>`. @throws {UsageError} for fewer or more. */
export function versionOperands(operands: readonly string[]): VersionOperands {
  const [first, second] = operands;
  if (operands.length === 2) return { model: first, version: second! };
  if (operands.length === 1) return { model: undefined, version: first! };
  throw new UsageError(
    `got ${quoted(operands)}, expected a version, or a model and a version: challenger, shadow or a digest's first digits`,
  );
}

/**
 * Read `[model] [version] <percent|off>`.
 *
 * Of two, the first is a version where it can be one, else a model.
 *
 * @throws {UsageError} for fewer or more, and for no percentage.
 */
export function ratioOperands(operands: readonly string[]): RatioOperands {
  const [first, second, third] = operands;
  switch (operands.length) {
    case 1:
      return { model: undefined, version: undefined, ratio: ratio(first!) };
    case 2:
      return isVersion(first!)
        ? { model: undefined, version: first, ratio: ratio(second!) }
        : { model: first, version: undefined, ratio: ratio(second!) };
    case 3:
      return { model: first, version: second, ratio: ratio(third!) };
    default:
      throw new UsageError(
        `got ${quoted(operands)}, expected [model] [version] and a percentage such as 20, or off`,
      );
  }
}

function ratio(text: string): number | "off" {
  if (text === "off") return text;
  try {
    return ratioOf("share", text);
  } catch {
    throw new UsageError(`got "${text}", expected a percentage from 0 to 100, such as 20 or 0.5, or off`);
  }
}

function isVersion(text: string): boolean {
  const isDigest = text.length >= minDigestDigits && /^[0-9a-f]{1,64}$/.test(text);
  return isDigest || ["champion", "challenger", "shadow"].includes(text);
}

function quoted(operands: readonly string[]): string {
  return operands.length === 0 ? "nothing" : operands.map((each) => `"${each}"`).join(" ");
}

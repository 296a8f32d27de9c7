import { randomInt } from "node:crypto";

export interface PhysicalNameOptions {
  readonly stackName: string;
  readonly logicalId: string;
  /** Longest name that the service takes; at least 20. */
  readonly maxLength: number;
  /** As S3 wants it. */
  readonly lowerCase?: boolean;
  /** Whole number in `[0, limit)`; only tests replace it. */
  readonly random?: (limit: number) => number;
}

/**
 * Name a resource as CloudFormation does: `<stack>-<logical id>-<12 random letters and digits>`.
 *
 * What is too long is cut from the stack's name and the logical id, each to half of the room, never from the suffix.
 */
export function makePhysicalName(options: PhysicalNameOptions): string {
  const { stackName, logicalId, maxLength, lowerCase = false, random = randomInt } = options;
  const suffix = Array.from({ length: suffixLength }, () => alphabet[random(alphabet.length)]).join("");
  const room = maxLength - suffixLength - 2;
  const fits = stackName.length + logicalId.length <= room;
  const half = Math.floor(room / 2);
  const parts = fits ? [stackName, logicalId] : [stackName.slice(0, half), logicalId.slice(0, half)];
  const name = [...parts, suffix].join("-");
  return lowerCase ? name.toLowerCase() : name;
}

const suffixLength = 12;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

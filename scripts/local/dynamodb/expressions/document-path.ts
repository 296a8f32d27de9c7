import { type AttributeValue, attributeOf, type Item } from "../attribute-value.ts";
import type { DocumentPath, ExpressionReader } from "./expression-reader.ts";

/** @returns what stands there; undefined where nothing does. */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value = attributeOf(item, path[0]);
  for (let i = 1; i < path.length && value !== undefined; i++) value = memberOf(value, path[i]!);
  return value;
}

/** @returns a member of a map or a list. */
export function memberOf(value: AttributeValue, part: string | number): AttributeValue | undefined {
  if (typeof part === "number") return value.L?.[part];
  return value.M === undefined ? undefined : attributeOf(value.M, part);
}

/** As DynamoDB's messages write a path: `[a, [0], b]`. */
export function describePath(path: DocumentPath): string {
  return `[${path.map((part) => (typeof part === "number" ? `[${part}]` : part)).join(", ")}]`;
}

export function arePathsEqual(left: DocumentPath, right: DocumentPath): boolean {
  return left.length === right.length && left.every((part, i) => part === right[i]);
}

/**
 * Refuse paths of which one is within another, or that take one value for a map here and a list there.
 *
 * @throws {AwsError} `ValidationException`.
 */
export function refuseOverlaps(paths: readonly DocumentPath[], reader: ExpressionReader): void {
  for (const [i, right] of paths.entries()) {
    for (const left of paths.slice(0, i)) {
      const differs = left.findIndex((part, at) => at >= right.length || part !== right[at]);
      const isConflict =
        differs !== -1 && differs < right.length && typeof left[differs] !== typeof right[differs];
      const isOverlap = differs === -1 || differs >= right.length;
      if (!isConflict && !isOverlap) continue;
      throw reader.error(
        `Two document paths ${isConflict ? "conflict" : "overlap"} with each other; must remove or rewrite one of these paths; path one: ${describePath(left)}, path two: ${describePath(right)}`,
      );
    }
  }
}

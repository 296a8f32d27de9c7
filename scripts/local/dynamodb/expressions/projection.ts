import type { AttributeValue, Item } from "../attribute-value.ts";
import { memberOf, refuseOverlaps } from "./document-path.ts";
import { type DocumentPath, ExpressionReader } from "./expression-reader.ts";
import type { ExpressionScope } from "./expression-scope.ts";

/**
 * @returns undefined where the request has none.
 * @throws {AwsError} `ValidationException`.
 */
export function parseProjection(
  { ProjectionExpression: text }: { readonly ProjectionExpression?: string | undefined },
  scope: ExpressionScope,
): readonly DocumentPath[] | undefined {
  if (text === undefined) return undefined;
  const reader = new ExpressionReader("ProjectionExpression", text, scope);
  const paths: DocumentPath[] = [];
  do paths.push(reader.readPath());
  while (reader.accept(","));
  reader.expectEnd();
  refuseOverlaps(paths, reader);
  return paths;
}

/** Keep of an item what stands at these paths, or all of it. Lists close their gaps. */
export function project(item: Item, paths: readonly DocumentPath[] | undefined): Item {
  if (paths === undefined) return item;
  return pick({ M: item }, paths)?.M ?? {};
}

/** @param paths - relative to `value`; an empty one takes it whole. */
function pick(
  value: AttributeValue,
  paths: readonly (readonly (string | number)[])[],
): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const picked = [...Map.groupBy(paths, ([first]) => first!)].flatMap(([part, within]) => {
    const member = memberOf(value, part);
    const kept =
      member &&
      pick(
        member,
        within.map((path) => path.slice(1)),
      );
    return kept === undefined ? [] : [{ part, kept }];
  });
  if (picked.length === 0) return undefined;
  if (value.M !== undefined) return { M: Object.fromEntries(picked.map(({ part, kept }) => [part, kept])) };
  return { L: picked.sort((a, b) => Number(a.part) - Number(b.part)).map(({ kept }) => kept) };
}

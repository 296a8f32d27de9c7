import { isObject, readIntrinsic, readPlaceholders } from "./intrinsics.ts";
import type { TemplateResource } from "./template.ts";

/**
 * Order resources so that each comes after everything it refers to or depends on.
 *
 * Among those that are free the template's own order stays.
 *
 * @throws {Error} when resources refer to each other in a circle; the message shows the way round.
 */
export function orderResources(resources: Readonly<Record<string, TemplateResource>>): readonly string[] {
  const ordered: string[] = [];
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (done.has(id)) return;
    const start = path.indexOf(id);
    if (start >= 0) {
      throw new Error(
        `resources depend on each other in a circle: ${[...path.slice(start), id].join(" -> ")}`,
      );
    }
    for (const dependency of findDependencies(resources[id])) {
      if (Object.hasOwn(resources, dependency)) visit(dependency, [...path, id]);
    }
    done.add(id);
    ordered.push(id);
  };
  for (const id of Object.keys(resources)) visit(id, []);
  return ordered;
}

function findDependencies(resource: TemplateResource | undefined): ReadonlySet<string> {
  const found = new Set(resource?.DependsOn);
  collectReferences(resource?.Properties, found);
  return found;
}

function collectReferences(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectReferences(item, found);
  } else if (isObject(value)) {
    const call = readIntrinsic(value);
    if (call?.name === "Ref" && typeof call.argument === "string") found.add(call.argument);
    else if (call?.name === "Fn::GetAtt") found.add(firstPart(call.argument));
    else if (call?.name === "Fn::Sub") collectPlaceholders(call.argument, found);
    for (const item of Object.values(value)) collectReferences(item, found);
  }
}

function collectPlaceholders(argument: unknown, found: Set<string>): void {
  const [text, variables]: unknown[] = Array.isArray(argument) ? argument : [argument];
  const own = isObject(variables) ? variables : {};
  for (const name of readPlaceholders(typeof text === "string" ? text : "")) {
    if (!Object.hasOwn(own, name)) found.add(firstPart(name));
  }
}

/** `A` of `"A.Arn"` and of `["A", "Arn"]`. */
function firstPart(reference: unknown): string {
  const [first]: unknown[] = Array.isArray(reference) ? reference : String(reference).split(".");
  return String(first);
}

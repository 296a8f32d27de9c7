import * as z from "zod/mini";
import { didYouMean } from "./nearest.ts";
import { formatPath, type Problem, show } from "./problem.ts";

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;
interface Found extends Omit<Problem, "path"> {
  readonly path: readonly PropertyKey[];
}

/**
 * Say what is wrong with a value, in words: one entry per fault, each with its path.
 *
 * Where a value fits no branch of a union, the branch that comes nearest is the one that is explained.
 *
 * @param lineOf - line of a path in the file the value came from, if there is one.
 * @returns no problem when the value fits.
 */
export function schemaProblems(
  schema: Schema,
  value: unknown,
  lineOf?: (path: readonly PropertyKey[]) => number,
): readonly Problem[] {
  const result = z.safeParse(schema, value);
  if (result.success) return [];
  return result.error.issues
    .flatMap((issue) => explain(issue as Issue, schema, value, []))
    .map(({ path, message }) => {
      const line = lineOf?.(path);
      const at = formatPath(path);
      return { ...(line === undefined ? {} : { line }), ...(at === "" ? {} : { path: at }), message };
    });
}

function explain(issue: Issue, schema: Schema, root: unknown, above: readonly PropertyKey[]): Found[] {
  const value = valueAt(root, issue.path);
  const here = schemaAt(schema, issue.path);
  const path = [...above, ...issue.path];
  const say = (message: string): Found[] => [{ path, message }];
  switch (issue.code) {
    case "invalid_union":
      return explainUnion(issue.errors as Issue[][], optionsOf(here), value, path);
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(key, keysOf(here), path));
    case "invalid_key":
      return say(`not allowed as a name: ${nameFaults(issue, here)}`);
    case "invalid_type":
      if (value === undefined) return say(`missing; expected ${typeName(issue.expected)}`);
      return say(`got ${show(value)}, expected ${typeName(issue.expected)}`);
    case "invalid_value":
      return say(
        got(value, `${issue.values.length > 1 ? "one of " : ""}${issue.values.map(show).join(", ")}`),
      );
    case "too_small":
      return say(got(value, `at least ${bound(issue.minimum, issue.origin)}`, issue.inclusive === false));
    case "too_big":
      return say(got(value, `at most ${bound(issue.maximum, issue.origin)}`, issue.inclusive === false));
    default:
      return say(
        issue.message === "Invalid input" ? got(value, "another value") : custom(issue.message, value),
      );
  }
}

function explainUnion(
  errors: readonly (readonly Issue[])[],
  options: readonly Schema[],
  value: unknown,
  path: readonly PropertyKey[],
): Found[] {
  if (isObject(value)) {
    const branchKeys = new Set(options.flatMap(keysOf));
    const keys = Object.keys(value);
    if (keys.length > 0 && branchKeys.size > 0 && !keys.some((key) => branchKeys.has(key))) {
      return keys.map((key) => unknownKey(key, [...branchKeys], path));
    }
  }
  const scores = errors.map((issues, i) => score(issues, options[i]!, value));
  const least = Math.min(...scores);
  const best = scores.indexOf(least);
  if (least >= otherKind) {
    const expected = [...new Set(options.flatMap(leaves).map(kindOf))].join(" or ");
    return [{ path, message: got(value, expected) }];
  }
  return errors[best]!.flatMap((issue) => explain(issue, options[best]!, value, path));
}

const otherKind = 1000;

/** How far a value is from a branch: another kind of value is furthest, then wrong keys, then wrong values. */
function score(issues: readonly Issue[], schema: Schema, value: unknown): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === "invalid_union") {
      const inner = optionsOf(schemaAt(schema, issue.path));
      const within = valueAt(value, issue.path);
      const errors = issue.errors as Issue[][];
      const nearest = Math.min(...errors.map((each, i) => score(each, inner[i]!, within)));
      return sum + (issue.path.length === 0 ? nearest : Math.min(nearest, 5));
    }
    if (issue.path.length === 0 && issue.code === "invalid_type") return sum + otherKind;
    if (issue.path.length === 0 && issue.code === "invalid_value" && typeof value !== "string") {
      return sum + otherKind;
    }
    if (issue.code === "unrecognized_keys") return sum + 10 * issue.keys.length;
    return sum + (valueAt(value, issue.path) === undefined ? 10 : 1);
  }, 0);
}

function unknownKey(key: string, allowed: readonly string[], path: readonly PropertyKey[]): Found {
  const known = allowed.filter((each) => each !== "$schema");
  return {
    path: [...path, key],
    message: `unknown key${didYouMean(key, known)}; allowed: ${known.join(", ")}`,
  };
}

function nameFaults(issue: z.core.$ZodIssueInvalidKey, record: Schema | undefined): string {
  const key = String(issue.path.at(-1));
  return (issue.issues as Issue[])
    .flatMap((each) => explain(each, record ?? z.unknown(), key, []))
    .map(({ message }) => message)
    .join("; ");
}

function got(value: unknown, expected: string, isExclusive = false): string {
  const which = isExclusive
    ? expected.replace(/^at least/, "more than").replace(/^at most/, "less than")
    : expected;
  return `got ${show(value)}, expected ${which}`;
}

function custom(message: string, value: unknown): string {
  return typeof value === "object" ? message : `got ${show(value)}, ${message}`;
}

function bound(limit: number | bigint, origin: string): string {
  const unit = origin === "string" ? "character" : origin === "array" ? "element" : undefined;
  if (unit === undefined) return `${limit}`;
  return `${limit} ${unit}${limit === 1 ? "" : "s"}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a finite number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
};

function typeName(expected: string): string {
  return typeNames[expected] ?? expected;
}

/** What kind of value a schema takes, in words. */
function kindOf(schema: Schema): string {
  const { def } = schema._zod;
  if (def.type === "enum") {
    const { entries } = def as z.core.$ZodEnumDef;
    return `one of ${Object.values(entries).map(show).join(", ")}`;
  }
  return typeName(def.type);
}

function optionsOf(schema: Schema | undefined): readonly Schema[] {
  const inner = schema && unwrap(schema);
  return inner?._zod.def.type === "union" ? (inner._zod.def as z.core.$ZodUnionDef).options : [];
}

/** The branches of a union, however deep they nest; a schema that is none is its own only leaf. */
function leaves(schema: Schema): readonly Schema[] {
  const options = optionsOf(schema);
  return options.length === 0 ? [unwrap(schema)] : options.flatMap(leaves);
}

function keysOf(schema: Schema | undefined): string[] {
  return leaves(schema ?? z.unknown())
    .filter(({ _zod }) => _zod.def.type === "object")
    .flatMap(({ _zod }) => Object.keys((_zod.def as z.core.$ZodObjectDef).shape))
    .filter((key, i, all) => all.indexOf(key) === i);
}

function unwrap(schema: Schema): Schema {
  const { def } = schema._zod;
  return def.type === "optional" || def.type === "default"
    ? unwrap((def as z.core.$ZodOptionalDef).innerType)
    : schema;
}

function schemaAt(schema: Schema | undefined, path: readonly PropertyKey[]): Schema | undefined {
  return path.reduce<Schema | undefined>((at, key) => {
    const def = at && unwrap(at)._zod.def;
    if (def?.type === "object") return (def as z.core.$ZodObjectDef).shape[String(key)];
    if (def?.type === "record") return (def as z.core.$ZodRecordDef).valueType;
    if (def?.type === "array") return (def as z.core.$ZodArrayDef).element;
    if (def?.type === "tuple") return (def as z.core.$ZodTupleDef).items[Number(key)];
    return undefined;
  }, schema);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (isIndexable(at) ? at[key] : undefined), value);
}

function isIndexable(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isIndexable(value) && !Array.isArray(value);
}

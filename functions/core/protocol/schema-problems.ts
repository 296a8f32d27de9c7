import type * as z from "zod/mini";
import { InputError } from "../errors.ts";

type Issue = z.core.$ZodIssue;

/** Problems told of one request: enough to mend it, and never a page for a list where everything is wrong. */
export const maxProblems = 16;

/**
 * Read a request by its schema.
 *
 * @throws {InputError} `input.malformed` with every problem, up to 16.
 */
export function parseRequest<Schema extends z.ZodMiniType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badRequest(
    parsed.error.issues.slice(0, maxProblems).map((issue) => `${place(issue.path)}: ${expectation(issue)}`),
    "input.malformed",
  );
}

/** @param problems - at least one. */
export function badRequest(problems: readonly string[], code: InputError["code"]): InputError {
  return new InputError(`request: ${problems.join(" | ")}; correct the request`, {
    code,
    details: { problems },
  });
}

function place(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${cut(String(key))}`)).join("");
  return text === "" ? "body" : text.replace(/^\./, "");
}

/** What was expected, in words: zod/mini carries none of its own. */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${article(issue.expected)}`;
    case "invalid_value":
      return `expected one of ${issue.values.join(", ")}`;
    case "too_big":
      return `expected at most ${issue.maximum} ${units[issue.origin] ?? ""}`.trim();
    case "too_small":
      return `expected at least ${issue.minimum} ${units[issue.origin] ?? ""}`.trim();
    case "invalid_union":
      return "expected a string, a number or a boolean";
    case "invalid_key":
      return `expected a key of 1 to ${issue.issues[0]?.code === "too_big" ? issue.issues[0].maximum : 256} characters`;
    default:
      return issue.message;
  }
}

const units: Readonly<Record<string, string>> = { string: "characters", array: "elements" };

function article(type: string): string {
  if (type === "int") return "a whole number";
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

/** Names are the caller's own and may be long. */
export function cut(text: string): string {
  return text.length <= 48 ? text : `${text.slice(0, 47)}…`;
}

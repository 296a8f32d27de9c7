import { formatPath, type Problem } from "./problem.ts";

/** JSON text that was read with the place of every value in it. */
export interface JsonText {
  readonly value: unknown;
  /** 1-based line of the value at a path, or of the nearest value round it that exists. */
  lineOf(path: readonly PropertyKey[]): number;
}

/**
 * Parse JSON written by a person.
 *
 * Stricter than `JSON.parse`: a key that stands twice in one object is a problem, because the first of the two
 * would vanish in silence.
 *
 * @param firstLine - line of the file that `text` starts on.
 */
export function parseJsonText(
  text: string,
  firstLine = 1,
): { ok: true; json: JsonText } | { ok: false; problems: readonly Problem[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, problems: [syntaxProblem(error, text, firstLine)] };
  }
  const { lines, problems } = locate(text, firstLine);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, json: { value, lineOf: (path) => lineOf(lines, path, firstLine) } };
}

function syntaxProblem(error: SyntaxError, text: string, firstLine: number): Problem {
  // V8 gives the offset for all but the end of the text.
  const offset = /at position (\d+)/.exec(error.message)?.[1];
  const before = text.slice(0, offset === undefined ? text.length : Number(offset)).split("\n");
  const what = error.message.replace(/ in JSON at position.*$/s, "").replace(/^\w/, (c) => c.toLowerCase());
  const column = before.at(-1)!.length + 1;
  return { line: firstLine + before.length - 1, message: `not valid JSON: ${what} (column ${column})` };
}

function lineOf(lines: ReadonlyMap<string, number>, path: readonly PropertyKey[], firstLine: number): number {
  for (let length = path.length; length >= 0; length--) {
    const line = lines.get(pathKey(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return firstLine;
}

function pathKey(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

/** Walk the tokens of valid JSON text: note the line of every value and every repeated key. */
function locate(text: string, firstLine: number): { lines: Map<string, number>; problems: Problem[] } {
  const lines = new Map<string, number>();
  const problems: Problem[] = [];
  const open: { keys: Set<string> | undefined; index: number }[] = [];
  const path: PropertyKey[] = [];
  let line = firstLine;
  let wantsKey = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]|\n|[^\s{}[\],:"]+/gs)) {
    const top = open.at(-1);
    if (token === "\n") {
      line++;
    } else if (token === "}" || token === "]") {
      open.pop();
      path.pop();
      wantsKey = false;
    } else if (token === ",") {
      if (top?.keys === undefined) {
        path[path.length - 1] = ++top!.index;
      } else {
        wantsKey = true;
      }
    } else if (wantsKey && token.startsWith('"')) {
      const key = JSON.parse(token) as string;
      path[path.length - 1] = key;
      if (top!.keys!.has(key)) {
        const message =
          "the key stands twice in one object, and the first of the two would be lost; remove one";
        problems.push({ line, path: formatPath(path), message });
      }
      top!.keys!.add(key);
      lines.set(pathKey(path), line);
      wantsKey = false;
    } else {
      if (!lines.has(pathKey(path))) lines.set(pathKey(path), line);
      if (token === "{" || token === "[") {
        const isObject = token === "{";
        open.push({ keys: isObject ? new Set() : undefined, index: 0 });
        path.push(isObject ? "" : 0);
        wantsKey = isObject;
      }
    }
  }
  return { lines, problems };
}

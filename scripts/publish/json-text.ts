import { formatPath, type Problem, show } from "./problem.ts";

/** JSON text that was read with the place of every value in it. */
export interface JsonText {
  readonly value: unknown;
  /** 1-based line of the value at a path, or of the nearest value round it that exists. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Deep enough for anything a person writes, and far from the end of the stack. */
const maxDepth = 500;

/**
 * Parse JSON written by a person.
 *
 * `JSON.parse` tells no place for half of its errors, and lets a key stand twice in one object, where the first
 * of the two vanishes in silence; here both are problems with a line.
 *
 * @param firstLine - line of the file that `text` starts on.
 */
export function parseJsonText(
  text: string,
  firstLine = 1,
): { ok: true; json: JsonText } | { ok: false; problems: readonly Problem[] } {
  const lines = new Map<string, number>();
  const problems: Problem[] = [];
  const tokens = createTokens(text, firstLine);
  try {
    const value = readValue({ tokens, lines, problems }, []);
    if (tokens.peek() !== "") throw tokens.unexpected("the end");
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, json: { value, lineOf: (path) => lineOf(lines, path, firstLine) } };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return { ok: false, problems: [...problems, { line: error.line, message: error.message }] };
  }
}

interface Reader {
  readonly tokens: Tokens;
  readonly lines: Map<string, number>;
  readonly problems: Problem[];
}

function readValue(reader: Reader, path: readonly PropertyKey[]): unknown {
  const { tokens, lines } = reader;
  const token = tokens.peek();
  lines.set(pathKey(path), tokens.line());
  if (path.length > maxDepth) throw tokens.unexpected(`at most ${maxDepth} levels`);
  if (token === "{") return readObject(reader, path);
  if (token === "[") return readArray(reader, path);
  if (token === "" || /^[}\],:]$/.test(token)) throw tokens.unexpected("a value");
  return JSON.parse(tokens.take());
}

function readObject(reader: Reader, path: readonly PropertyKey[]): Record<string, unknown> {
  const { tokens, problems } = reader;
  const entries = new Map<string, unknown>();
  readList(tokens, "}", () => {
    if (!tokens.peek().startsWith('"')) throw tokens.unexpected("a key in double quotes");
    const line = tokens.line();
    const key = JSON.parse(tokens.take()) as string;
    const at = [...path, key];
    if (entries.has(key)) {
      const message =
        "the key stands twice in one object, and the first of the two would be lost; remove one";
      problems.push({ line, path: formatPath(at), message });
    }
    if (tokens.peek() !== ":") throw tokens.unexpected('":"');
    tokens.take();
    entries.set(key, readValue(reader, at));
  });
  // As JSON.parse does, "__proto__" becomes a property like any other.
  return Object.fromEntries(entries);
}

function readArray(reader: Reader, path: readonly PropertyKey[]): unknown[] {
  const values: unknown[] = [];
  readList(reader.tokens, "]", () => {
    values.push(readValue(reader, [...path, values.length]));
  });
  return values;
}

function readList(tokens: Tokens, end: "}" | "]", readItem: () => void): void {
  tokens.take();
  if (tokens.peek() === end) {
    tokens.take();
    return;
  }
  for (;;) {
    readItem();
    const next = tokens.peek();
    if (next !== "," && next !== end) throw tokens.unexpected(`"," or "${end}"`);
    tokens.take();
    if (next === end) return;
  }
}

class JsonSyntaxError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

interface Tokens {
  /** The next token; empty at the end. */
  peek(): string;
  /** The next token, and go on behind it. */
  take(): string;
  /** Line of the next token. */
  line(): number;
  /** The error for the next token, where `expected` should stand. */
  unexpected(expected: string): JsonSyntaxError;
}

const tokenPattern =
  /[{}[\],:]|"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

function createTokens(text: string, firstLine: number): Tokens {
  let at = 0;
  let line = firstLine;
  let lineStart = 0;
  let next: string | undefined;

  return { peek, take, line: lineOfNext, unexpected };

  function peek(): string {
    next ??= scan();
    return next;
  }

  function lineOfNext(): number {
    peek();
    return line;
  }

  function take(): string {
    const token = peek();
    at += token.length;
    next = undefined;
    return token;
  }

  function scan(): string {
    for (; at < text.length && " \t\r\n".includes(text[at]!); at++) {
      if (text[at] === "\n") {
        line++;
        lineStart = at + 1;
      }
    }
    if (at === text.length) return "";
    tokenPattern.lastIndex = at;
    const token = tokenPattern.exec(text)?.[0];
    if (token === undefined) throw unexpected("json");
    return token;
  }

  function unexpected(expected: string): JsonSyntaxError {
    const rest = /^(?:[\w$.+-]+|.)/s.exec(text.slice(at, at + 40))?.[0];
    const found = rest === undefined ? "the end of the text" : show(rest);
    const column = at - lineStart + 1;
    return new JsonSyntaxError(`not valid JSON: got ${found}, expected ${expected} (column ${column})`, line);
  }
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

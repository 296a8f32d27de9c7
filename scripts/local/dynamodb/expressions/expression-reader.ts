import type { AwsError } from "../../aws-error.ts";
import type { AttributeValue } from "../attribute-value.ts";
import { invalid } from "../errors.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { isReservedWord } from "./reserved-words.ts";

/** Where a value stands within an item: names of attributes and positions in lists, a name first. */
export type DocumentPath = readonly [string, ...(string | number)[]];

interface Token {
  readonly kind: "word" | "name" | "value" | "index" | "sign" | "end";
  readonly text: string;
  readonly position: number;
}

const maxExpressionBytes = 4096;
const tokenSyntax = /[ \t\r\n]*([A-Za-z_]\w*|[#:]\w+|\d+|<>|<=|>=|[=<>().,[\]+-])/y;

/** One expression, read token by token, with what its placeholders stand for. */
export class ExpressionReader {
  readonly #kind: string;
  readonly #scope: ExpressionScope;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  /** @param kind - the request's parameter, such as `ConditionExpression`, for messages. */
  constructor(kind: string, text: string, scope: ExpressionScope) {
    this.#kind = kind;
    this.#scope = scope;
    this.#text = text;
    if (text === "") throw this.error("The expression can not be empty;");
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes > maxExpressionBytes) {
      throw this.error(
        `Expression size has exceeded the maximum allowed size; expression size: ${sizeBytes}`,
      );
    }
    this.#tokens = this.#readTokens();
  }

  /** How many tokens have been taken. */
  get taken(): number {
    return this.#next;
  }

  /** Whether the next token, or one after it, is this sign or, in any case, this keyword. */
  isNext(text: string, ahead = 0): boolean {
    const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
    if (token.kind === "sign") return token.text === text;
    return token.kind === "word" && token.text.toUpperCase() === text;
  }

  /** Take the next token if it is this sign or keyword. */
  accept(text: string): boolean {
    if (!this.isNext(text)) return false;
    this.#next++;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.#peek().kind !== "end") throw this.syntaxError();
  }

  /** Take the name of a function, if one with its parenthesis is next. */
  acceptFunction(): string | undefined {
    const { kind, text } = this.#peek();
    if (kind !== "word" || !this.isNext("(", 1)) return undefined;
    this.#next += 2;
    return text;
  }

  /** Take a `:value`, if one is next. */
  acceptValue(): AttributeValue | undefined {
    const { kind, text } = this.#peek();
    if (kind !== "value") return undefined;
    this.#next++;
    const value = this.#scope.value(text);
    if (value !== undefined) return value;
    throw this.error(
      `An expression attribute value used in expression is not defined; attribute value: ${text}`,
    );
  }

  readPath(): DocumentPath {
    const path: [string, ...(string | number)[]] = [this.#readName()];
    for (;;) {
      if (this.accept(".")) path.push(this.#readName());
      else if (this.accept("[")) {
        const { kind, text } = this.#peek();
        if (kind !== "index") throw this.syntaxError();
        this.#next++;
        path.push(Number(text));
        this.expect("]");
      } else return path;
    }
  }

  error(reason: string): AwsError {
    return invalid(`Invalid ${this.#kind}: ${reason}`);
  }

  /** The next token is not what the grammar has there. */
  syntaxError(): AwsError {
    const { position, text } = this.#peek();
    return this.#syntaxErrorAt(position, text);
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #readName(): string {
    const { kind, text } = this.#peek();
    if (kind === "word") {
      if (isReservedWord(text)) {
        throw this.error(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
      }
      this.#next++;
      return text;
    }
    if (kind !== "name") throw this.syntaxError();
    this.#next++;
    const name = this.#scope.name(text);
    if (name !== undefined) return name;
    throw this.error(
      `An expression attribute name used in the document path is not defined; attribute name: ${text}`,
    );
  }

  #readTokens(): Token[] {
    const tokens: Token[] = [];
    const text = this.#text.trimEnd();
    let position = 0;
    while (position < text.length) {
      tokenSyntax.lastIndex = position;
      const found = tokenSyntax.exec(text)?.[1];
      if (found === undefined)
        throw this.#syntaxErrorAt(position, text.slice(position).trimStart().charAt(0));
      position = tokenSyntax.lastIndex;
      tokens.push({ kind: kindOf(found), text: found, position: position - found.length });
    }
    tokens.push({ kind: "end", text: "<EOF>", position });
    return tokens;
  }

  #syntaxErrorAt(position: number, token: string): AwsError {
    const near = this.#text.slice(Math.max(0, position - 10), position + 20).trim();
    return this.error(`Syntax error; token: "${token}", near: "${near}"`);
  }
}

function kindOf(text: string): Token["kind"] {
  const first = text.charAt(0);
  if (first === "#") return "name";
  if (first === ":") return "value";
  if (first >= "0" && first <= "9") return "index";
  return /\w/.test(first) ? "word" : "sign";
}

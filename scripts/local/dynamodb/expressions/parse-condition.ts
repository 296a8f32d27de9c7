import { typeOf } from "../attribute-value.ts";
import { isOrdered, order } from "../compare-values.ts";
import type { Comparator, Condition, Operand } from "./condition.ts";
import { parseConditionFunction, parseSize, refuseSameOperand } from "./condition-functions.ts";
import { ExpressionReader } from "./expression-reader.ts";
import type { ExpressionScope } from "./expression-scope.ts";

/**
 * Parse a condition, filter or key condition, all of one grammar.
 *
 * @returns undefined where the request has no such parameter.
 * @throws {AwsError} `ValidationException`.
 */
export function parseCondition(
  kind: ConditionParameter,
  request: Readonly<Partial<Record<ConditionParameter, string | undefined>>>,
  scope: ExpressionScope,
): Condition | undefined {
  const text = request[kind];
  if (text === undefined) return undefined;
  const reader = new ExpressionReader(kind, text, scope);
  const parser = new ConditionParser(reader);
  const condition = parser.parseOr();
  reader.expectEnd();
  return condition;
}

type ConditionParameter = "ConditionExpression" | "FilterExpression" | "KeyConditionExpression";

const comparators: readonly Comparator[] = ["=", "<>", "<=", ">=", "<", ">"];
const comparisons: readonly string[] = [...comparators, "BETWEEN", "IN"];
/** Deeper ones are no condition that anyone writes, and would exhaust the stack. */
const maxNesting = 300;
const maxCandidates = 100;

/** `or` binds weakest, then `and`, then `not`. */
class ConditionParser {
  readonly #reader: ExpressionReader;
  #nesting = 0;
  /** Where the innermost parentheses closed last opened and closed, as counts of tokens. */
  #closed: readonly [from: number, to: number] | undefined;

  constructor(reader: ExpressionReader) {
    this.#reader = reader;
  }

  parseOr(): Condition {
    return this.#condition(this.#or());
  }

  #or(): Condition | Operand {
    let left = this.#and();
    while (this.#reader.accept("OR")) {
      left = { kind: "or", left: this.#condition(left), right: this.#condition(this.#and()) };
    }
    return left;
  }

  #and(): Condition | Operand {
    let left = this.#not();
    while (this.#reader.accept("AND")) {
      left = { kind: "and", left: this.#condition(left), right: this.#condition(this.#not()) };
    }
    return left;
  }

  #not(): Condition | Operand {
    if (!this.#reader.accept("NOT")) return this.#comparison();
    return this.#nested(() => ({ kind: "not", condition: this.#condition(this.#not()) }));
  }

  #comparison(): Condition | Operand {
    const left = this.#primary();
    if (!isOperand(left)) {
      if (comparisons.some((each) => this.#reader.isNext(each))) throw this.#misused(left);
      return left;
    }
    const comparator = comparators.find((each) => this.#reader.accept(each));
    if (comparator !== undefined) return this.#compare(comparator, left, this.#operand());
    if (this.#reader.accept("BETWEEN")) return this.#between(left);
    if (this.#reader.accept("IN")) return this.#in(left);
    return left;
  }

  #compare(comparator: Comparator, left: Operand, right: Operand): Condition {
    refuseSameOperand(comparator, [left, right], this.#reader);
    if (comparator !== "=" && comparator !== "<>") this.#refuseUnordered(comparator, left, right);
    return { kind: "compare", comparator, left, right };
  }

  #between(operand: Operand): Condition {
    const lower = this.#operand();
    this.#reader.expect("AND");
    const upper = this.#operand();
    this.#refuseUnordered("BETWEEN", operand, lower, upper);
    if (lower.kind === "value" && upper.kind === "value") {
      const ordered = order(lower.value, upper.value);
      if (ordered === undefined || ordered > 0) {
        const [from, to] = [lower.value, upper.value].map(
          (value) => `{${typeOf(value)}:${value[typeOf(value)]}}`,
        );
        const rule =
          ordered === undefined
            ? "same data type for lower and upper bounds"
            : "upper bound to be greater than or equal to lower bound";
        throw this.#reader.error(
          `The BETWEEN operator requires ${rule}; lower bound operand: AttributeValue: ${from}, upper bound operand: AttributeValue: ${to}`,
        );
      }
    }
    return { kind: "between", operand, lower, upper };
  }

  #in(operand: Operand): Condition {
    const candidates: Operand[] = [];
    this.#reader.expect("(");
    do candidates.push(this.#operand());
    while (this.#reader.accept(","));
    this.#reader.expect(")");
    if (candidates.length > maxCandidates) {
      throw this.#reader.error(
        `The IN operator is provided with too many operands; number of operands: ${candidates.length}`,
      );
    }
    return { kind: "in", operand, candidates };
  }

  /** What stands alone or in parentheses: only what follows tells whether it is compared. */
  #primary(): Condition | Operand {
    const { taken } = this.#reader;
    if (this.#reader.accept("(")) {
      const inner = this.#nested(() => this.#or());
      this.#reader.expect(")");
      const [from, to] = this.#closed ?? [];
      this.#closed = [taken, this.#reader.taken];
      if (from === taken + 1 && to === this.#reader.taken - 1) {
        throw this.#reader.error("The expression has redundant parentheses;");
      }
      return inner;
    }
    const name = this.#reader.acceptFunction();
    if (name === undefined) return this.#valueOrPath();
    const operands = this.#arguments();
    return name === "size"
      ? parseSize(operands, this.#reader)
      : parseConditionFunction(name, operands, this.#reader);
  }

  #operand(): Operand {
    const operand = this.#primary();
    if (isOperand(operand)) return operand;
    throw this.#misused(operand);
  }

  #arguments(): Operand[] {
    const operands: Operand[] = [];
    do operands.push(this.#nested(() => this.#operand()));
    while (this.#reader.accept(","));
    this.#reader.expect(")");
    return operands;
  }

  #valueOrPath(): Operand {
    const value = this.#reader.acceptValue();
    return value === undefined ? { kind: "path", path: this.#reader.readPath() } : { kind: "value", value };
  }

  #condition(parsed: Condition | Operand): Condition {
    if (!isOperand(parsed)) return parsed;
    throw parsed.kind === "size" ? this.#misusedFunction("size") : this.#reader.syntaxError();
  }

  #misused(condition: Condition) {
    const names: Partial<Record<Condition["kind"], string>> = {
      exists: "attribute_exists",
      type: "attribute_type",
      beginsWith: "begins_with",
      contains: "contains",
    };
    const name =
      condition.kind === "exists" && !condition.expected ? "attribute_not_exists" : names[condition.kind];
    return name === undefined ? this.#reader.syntaxError() : this.#misusedFunction(name);
  }

  #misusedFunction(name: string) {
    return this.#reader.error(
      `The function is not allowed to be used this way in an expression; function: ${name}`,
    );
  }

  #refuseUnordered(operator: string, ...operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (operand.kind !== "value" || isOrdered(operand.value)) continue;
      throw this.#reader.error(
        `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${typeOf(operand.value)}`,
      );
    }
  }

  #nested<Parsed>(parse: () => Parsed): Parsed {
    if (this.#nesting === maxNesting) throw this.#reader.error(`nested more than ${maxNesting} deep`);
    this.#nesting++;
    const parsed = parse();
    this.#nesting--;
    return parsed;
  }
}

function isOperand(parsed: Condition | Operand): parsed is Operand {
  return parsed.kind === "path" || parsed.kind === "value" || parsed.kind === "size";
}

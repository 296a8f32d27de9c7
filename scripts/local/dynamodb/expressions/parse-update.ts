import { type AttributeValue, typeOf } from "../attribute-value.ts";
import { refuseOverlaps } from "./document-path.ts";
import { type DocumentPath, ExpressionReader } from "./expression-reader.ts";
import type { ExpressionScope } from "./expression-scope.ts";

/** The right side of a SET. */
export type SetValue =
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "+" | "-" | "list_append"; readonly left: SetValue; readonly right: SetValue }
  | { readonly kind: "if_not_exists"; readonly path: DocumentPath; readonly otherwise: SetValue };

export type UpdateAction =
  | { readonly kind: "SET"; readonly path: DocumentPath; readonly value: SetValue }
  | { readonly kind: "REMOVE"; readonly path: DocumentPath }
  | { readonly kind: "ADD" | "DELETE"; readonly path: DocumentPath; readonly value: AttributeValue };

/** @throws {AwsError} `ValidationException`. */
export function parseUpdate(text: string | undefined, scope: ExpressionScope): readonly UpdateAction[] {
  if (text === undefined) return [];
  const reader = new ExpressionReader("UpdateExpression", text, scope);
  const actions: UpdateAction[] = [];
  const seen = new Set<string>();
  do {
    const section = sections.find((each) => reader.accept(each));
    if (section === undefined) throw reader.syntaxError();
    if (seen.has(section)) {
      throw reader.error(`The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    do actions.push(parseAction(section, reader));
    while (reader.accept(","));
  } while (sections.some((each) => reader.isNext(each)));
  reader.expectEnd();
  refuseOverlaps(
    actions.map(({ path }) => path),
    reader,
  );
  return actions;
}

const sections = ["SET", "REMOVE", "ADD", "DELETE"] as const;

function parseAction(kind: (typeof sections)[number], reader: ExpressionReader): UpdateAction {
  const path = reader.readPath();
  if (kind === "REMOVE") return { kind, path };
  if (kind === "SET") {
    reader.expect("=");
    return { kind, path, value: parseSum(reader) };
  }
  const value = reader.acceptValue();
  if (value === undefined) throw reader.syntaxError();
  const type = typeOf(value);
  const isSet = type === "SS" || type === "NS" || type === "BS";
  if (!isSet && !(kind === "ADD" && type === "N")) {
    throw reader.error(
      `Incorrect operand type for operator or function; operator: ${kind}, operand type: ${longTypeNames[type] ?? type}`,
    );
  }
  return { kind, path, value };
}

/** Only in this one message of DynamoDB's do types have these names. */
const longTypeNames: Partial<Record<keyof AttributeValue, string>> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  NULL: "NULL",
  BOOL: "BOOLEAN",
  L: "LIST",
  M: "MAP",
};

function parseSum(reader: ExpressionReader): SetValue {
  const left = parseOperand(reader);
  const kind = (["+", "-"] as const).find((each) => reader.accept(each));
  if (kind === undefined) return left;
  const right = parseOperand(reader);
  refuseOtherType(kind, "N", [left, right], reader);
  return { kind, left, right };
}

function parseOperand(reader: ExpressionReader): SetValue {
  if (reader.accept("(")) {
    if (reader.isNext("(")) throw reader.error("The expression has redundant parentheses;");
    const inner = parseSum(reader);
    reader.expect(")");
    return inner;
  }
  const name = reader.acceptFunction();
  if (name !== undefined) return parseFunction(name, reader);
  const value = reader.acceptValue();
  return value === undefined ? { kind: "path", path: reader.readPath() } : { kind: "value", value };
}

function parseFunction(name: string, reader: ExpressionReader): SetValue {
  if (name !== "if_not_exists" && name !== "list_append") {
    throw reader.error(`Invalid function name; function: ${name}`);
  }
  const operands: SetValue[] = [];
  do operands.push(parseOperand(reader));
  while (reader.accept(","));
  reader.expect(")");
  const [left, right] = operands;
  if (left === undefined || right === undefined || operands.length > 2) {
    throw reader.error(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  if (name === "if_not_exists") {
    if (left.kind === "path") return { kind: name, path: left.path, otherwise: right };
    throw reader.error(`Operator or function requires a document path; operator or function: ${name}`);
  }
  refuseOtherType(name, "L", operands, reader);
  return { kind: name, left, right };
}

function refuseOtherType(
  operator: string,
  allowed: keyof AttributeValue,
  operands: readonly SetValue[],
  reader: ExpressionReader,
): void {
  for (const operand of operands) {
    if (operand.kind !== "value" || operand.value[allowed] !== undefined) continue;
    throw reader.error(
      `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(operand.value)}`,
    );
  }
}

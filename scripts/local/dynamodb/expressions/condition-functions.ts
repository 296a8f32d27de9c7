import { type AttributeType, type AttributeValue, typeOf } from "../attribute-value.ts";
import type { Condition, Operand } from "./condition.ts";
import { arePathsEqual, describePath } from "./document-path.ts";
import type { ExpressionReader } from "./expression-reader.ts";

/** @throws {AwsError} `ValidationException` for an unknown function or operands that it does not take. */
export function parseConditionFunction(
  name: string,
  operands: readonly Operand[],
  reader: ExpressionReader,
): Condition {
  const count = Object.hasOwn(operandCounts, name) ? operandCounts[name] : undefined;
  if (count === undefined) throw reader.error(`Invalid function name; function: ${name}`);
  refuseOtherCount(name, operands, count, reader);
  refuseSameOperand(name, operands, reader);
  const [operand, part] = operands as [Operand, Operand];
  switch (name) {
    case "attribute_exists":
    case "attribute_not_exists":
      if (operand.kind !== "path") {
        throw reader.error(`Operator or function requires a document path; operator or function: ${name}`);
      }
      return { kind: "exists", path: operand.path, expected: name === "attribute_exists" };
    case "attribute_type":
      return { kind: "type", operand, type: parseTypeName(part, reader) };
    case "begins_with":
      for (const each of operands) {
        const type = staticTypeOf(each);
        if (type !== undefined && type !== "S" && type !== "B") throw wrongType(name, type, reader);
      }
      return { kind: "beginsWith", operand, part };
    default:
      return { kind: "contains", operand, part };
  }
}

/** @throws {AwsError} `ValidationException` for what has no size. */
export function parseSize(operands: readonly Operand[], reader: ExpressionReader): Operand {
  refuseOtherCount("size", operands, 1, reader);
  const [of] = operands as [Operand];
  const type = staticTypeOf(of);
  if (type === "N" || type === "BOOL" || type === "NULL") throw wrongType("size", type, reader);
  return { kind: "size", of };
}

/** @throws {AwsError} `ValidationException` for two operands that are one path. */
export function refuseSameOperand(
  name: string,
  operands: readonly Operand[],
  reader: ExpressionReader,
): void {
  const [left, right] = operands;
  if (left?.kind !== "path" || right?.kind !== "path" || !arePathsEqual(left.path, right.path)) return;
  throw reader.error(
    `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${describePath(left.path)}`,
  );
}

const operandCounts: Readonly<Record<string, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
};

const typeNames: readonly AttributeType[] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];

function parseTypeName(operand: Operand, reader: ExpressionReader): AttributeType {
  const type = staticTypeOf(operand) ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}";
  if (operand.kind !== "value" || operand.value.S === undefined) {
    throw wrongType("attribute_type", type, reader);
  }
  const named = typeNames.find((each) => each === operand.value.S);
  if (named !== undefined) return named;
  throw reader.error(
    `Invalid attribute type name found; type: ${operand.value.S}, valid types: {${typeNames.join(",")}}`,
  );
}

function refuseOtherCount(
  name: string,
  operands: readonly Operand[],
  count: number,
  reader: ExpressionReader,
): void {
  if (operands.length === count) return;
  throw reader.error(
    `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
  );
}

function wrongType(name: string, type: string, reader: ExpressionReader) {
  return reader.error(
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
  );
}

/** @returns the type where it does not hang on the item. */
function staticTypeOf(operand: Operand): keyof AttributeValue | undefined {
  if (operand.kind === "value") return typeOf(operand.value);
  return operand.kind === "size" ? "N" : undefined;
}

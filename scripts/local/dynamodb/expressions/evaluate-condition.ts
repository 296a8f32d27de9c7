import { type AttributeValue, type Item, typeOf } from "../attribute-value.ts";
import { areEqual, order } from "../compare-values.ts";
import { base64SizeBytes } from "../item-size.ts";
import type { Comparator, Condition, Operand } from "./condition.ts";
import { valueAt } from "./document-path.ts";

/** Whether a condition holds for an item; for none at all, give an item without attributes. */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case "and":
      return holds(condition.left, item) && holds(condition.right, item);
    case "or":
      return holds(condition.left, item) || holds(condition.right, item);
    case "not":
      return !holds(condition.condition, item);
    case "exists":
      return (valueAt(item, condition.path) !== undefined) === condition.expected;
    case "compare":
      return compares(condition.comparator, resolve(condition.left, item), resolve(condition.right, item));
    case "between": {
      const operand = resolve(condition.operand, item);
      return (
        compares(">=", operand, resolve(condition.lower, item)) &&
        compares("<=", operand, resolve(condition.upper, item))
      );
    }
    case "in": {
      const operand = resolve(condition.operand, item);
      return condition.candidates.some((candidate) => compares("=", operand, resolve(candidate, item)));
    }
    case "type": {
      const operand = resolve(condition.operand, item);
      return operand !== undefined && typeOf(operand) === condition.type;
    }
    case "beginsWith":
      return beginsWith(resolve(condition.operand, item), resolve(condition.part, item));
    case "contains":
      return contains(resolve(condition.operand, item), resolve(condition.part, item));
  }
}

function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === "value") return operand.value;
  if (operand.kind === "path") return valueAt(item, operand.path);
  const size = sizeOf(resolve(operand.of, item));
  return size === undefined ? undefined : { N: String(size) };
}

/** Bytes of a string or of binary, members of a collection. */
function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (value?.S !== undefined) return Buffer.byteLength(value.S);
  if (value?.B !== undefined) return base64SizeBytes(value.B);
  if (value?.M !== undefined) return Object.keys(value.M).length;
  return (value?.L ?? value?.SS ?? value?.NS ?? value?.BS)?.length;
}

/** What is not there is unequal to everything, and in no order with anything. */
function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (left === undefined || right === undefined) return comparator === "<>";
  if (comparator === "=") return areEqual(left, right);
  if (comparator === "<>") return !areEqual(left, right);
  const ordered = order(left, right);
  if (ordered === undefined) return false;
  if (comparator === "<") return ordered < 0;
  if (comparator === "<=") return ordered <= 0;
  return comparator === ">" ? ordered > 0 : ordered >= 0;
}

function beginsWith(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && part?.S !== undefined) return value.S.startsWith(part.S);
  if (value?.B === undefined || part?.B === undefined) return false;
  return bytesOf(value.B).startsWith(bytesOf(part.B));
}

/** A string within a string, bytes within bytes, a member of a set or of a list. */
function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined || part === undefined) return false;
  if (value.L !== undefined) return value.L.some((member) => areEqual(member, part));
  if (part.S !== undefined) return value.S?.includes(part.S) ?? value.SS?.includes(part.S) ?? false;
  if (part.N !== undefined) return value.NS?.includes(part.N) ?? false;
  if (part.B === undefined) return false;
  if (value.B !== undefined) return bytesOf(value.B).includes(bytesOf(part.B));
  return value.BS?.includes(part.B) ?? false;
}

/** One character per byte. */
function bytesOf(base64: string): string {
  return Buffer.from(base64, "base64").toString("latin1");
}

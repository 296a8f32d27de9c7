import type { AttributeValue } from "../attribute-value.ts";
import { sortable } from "../compare-values.ts";
import { invalid } from "../errors.ts";
import type { SortedItems, Stretch } from "../sorted-items.ts";
import type { KeyAttribute, Table } from "../table.ts";
import type { Comparator, Condition, Operand } from "./condition.ts";

/** What a query asks of the sort key. */
export type SortCondition =
  | { readonly kind: Exclude<Comparator, "<>"> | "beginsWith"; readonly value: AttributeValue }
  | { readonly kind: "between"; readonly lower: AttributeValue; readonly upper: AttributeValue };

export interface KeyCondition {
  readonly partition: AttributeValue;
  readonly sort: SortCondition | undefined;
}

/**
 * Read a query's condition: the partition key equals a value and, perhaps, one condition on the sort key.
 *
 * @throws {AwsError} `ValidationException`.
 */
export function toKeyCondition(condition: Condition, table: Table): KeyCondition {
  const terms = new Map<string, SortCondition>();
  for (const { name, term } of flatten(condition)) {
    if (terms.has(name)) throw invalid("KeyConditionExpressions must only contain one condition per key");
    terms.set(name, term);
  }
  if (terms.size > 2) throw invalid("Conditions can be of length 1 or 2 only");
  const { partitionKey, sortKey } = table;
  if (sortKey === undefined && terms.size > 1) throw invalid("Query key condition not supported");
  const partition = takeTerm(terms, partitionKey);
  if (partition === undefined) {
    throw invalid(`Query condition missed key schema element: ${partitionKey.name}`);
  }
  if (partition.kind !== "=") throw invalid("Query key condition not supported");
  const sort = sortKey && takeTerm(terms, sortKey);
  if (terms.size > 0) throw invalid(`Query condition missed key schema element: ${sortKey?.name}`);
  return { partition: partition.value, sort };
}

/** @returns where in a partition the items are that fit. */
export function stretchOf(items: SortedItems, condition: SortCondition | undefined): Stretch {
  if (condition === undefined) return { from: 0, to: items.size };
  if (condition.kind === "between") {
    return {
      from: items.positionOf(sortable(condition.lower)),
      to: items.positionAfter(sortable(condition.upper)),
    };
  }
  const text = sortable(condition.value);
  const [before, after] = [items.positionOf(text), items.positionAfter(text)];
  switch (condition.kind) {
    case "=":
      return { from: before, to: after };
    case "<":
      return { from: 0, to: before };
    case "<=":
      return { from: 0, to: after };
    case ">":
      return { from: after, to: items.size };
    case ">=":
      return { from: before, to: items.size };
    case "beginsWith":
      // Beyond every character that a sortable text has.
      return { from: before, to: items.positionOf(`${text}\u{ffff}`) };
  }
}

interface Term {
  readonly name: string;
  readonly term: SortCondition;
}

function flatten(condition: Condition): readonly Term[] {
  switch (condition.kind) {
    case "and":
      return [...flatten(condition.left), ...flatten(condition.right)];
    case "compare": {
      if (condition.comparator === "<>") throw wrongOperator("<>");
      const { left, right, comparator } = condition;
      if (left.kind === "value" && right.kind === "path") {
        return [{ name: nameOf(right), term: { kind: mirrored[comparator], value: left.value } }];
      }
      return [{ name: nameOf(left), term: { kind: comparator, value: operandValue(right) } }];
    }
    case "between": {
      const [lower, upper] = [operandValue(condition.lower), operandValue(condition.upper)];
      return [{ name: nameOf(condition.operand, "BETWEEN"), term: { kind: "between", lower, upper } }];
    }
    case "beginsWith": {
      const value = operandValue(condition.part);
      return [{ name: nameOf(condition.operand, "begins_with"), term: { kind: "beginsWith", value } }];
    }
    default:
      throw wrongOperator(operatorNames[condition.kind](condition));
  }
}

const mirrored = { "=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

const operatorNames: Readonly<
  Record<"or" | "not" | "in" | "exists" | "type" | "contains", (condition: Condition) => string>
> = {
  or: () => "OR",
  not: () => "NOT",
  in: () => "IN",
  exists: (condition) =>
    "expected" in condition && condition.expected ? "attribute_exists" : "attribute_not_exists",
  type: () => "attribute_type",
  contains: () => "contains",
};

function wrongOperator(operator: string) {
  return invalid(`Invalid operator used in KeyConditionExpression: ${operator}`);
}

function nameOf(operand: Operand, operator?: string): string {
  if (operand.kind === "size") throw invalid("KeyConditionExpressions cannot contain nested operations");
  if (operand.kind === "path") {
    if (operand.path.length === 1) return operand.path[0];
    throw invalid("KeyConditionExpressions cannot have conditions on nested attributes");
  }
  throw invalid(
    `Invalid condition in KeyConditionExpression: ${operator === undefined ? "No key attribute specified" : `${operator} operator must have the key attribute as its first operand`}`,
  );
}

function operandValue(operand: Operand): AttributeValue {
  if (operand.kind === "value") return operand.value;
  if (operand.kind === "size") throw invalid("KeyConditionExpressions cannot contain nested operations");
  throw invalid(
    "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
  );
}

/** Take what is asked of a key attribute, whose values must be of its type. */
function takeTerm(terms: Map<string, SortCondition>, attribute: KeyAttribute): SortCondition | undefined {
  const term = terms.get(attribute.name);
  if (term === undefined) return undefined;
  terms.delete(attribute.name);
  const unfit = (reason: string) => invalid(`One or more parameter values were invalid: ${reason}`);
  if (term.kind === "beginsWith" && attribute.type === "N") {
    throw unfit("ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type");
  }
  const values = term.kind === "between" ? [term.lower, term.upper] : [term.value];
  if (values.some((value) => value[attribute.type] === undefined)) {
    throw unfit("Condition parameter type does not match schema type");
  }
  return term;
}

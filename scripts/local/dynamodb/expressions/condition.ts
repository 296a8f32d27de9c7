import type { AttributeType, AttributeValue } from "../attribute-value.ts";
import type { DocumentPath } from "./expression-reader.ts";

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** What a condition compares. */
export type Operand =
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "size"; readonly of: Operand };

/** A parsed condition, filter or key condition. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly condition: Condition }
  | {
      readonly kind: "compare";
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | {
      readonly kind: "between";
      readonly operand: Operand;
      readonly lower: Operand;
      readonly upper: Operand;
    }
  | { readonly kind: "in"; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly kind: "exists"; readonly path: DocumentPath; readonly expected: boolean }
  | { readonly kind: "type"; readonly operand: Operand; readonly type: AttributeType }
  | { readonly kind: "beginsWith" | "contains"; readonly operand: Operand; readonly part: Operand };

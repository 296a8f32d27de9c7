import type { Condition } from "../../contract/condition.ts";
import type { FieldIndex } from "./field-index.ts";
import { type Fields, scalarAt } from "./fields.ts";

/** Whether an event meets a condition. */
export type Matcher = (fields: Fields) => boolean;

/** Compile a condition: every path's value must equal the given one, or one of the given ones, in value and type. */
export function compileCondition(condition: Condition, index: FieldIndex): Matcher {
  const tests = Object.entries(condition).map(([path, allowed]) => ({
    field: index.fieldOf(path),
    allowed: Array.isArray(allowed) ? allowed : [allowed],
  }));
  return (fields) => tests.every(({ field, allowed }) => allowed.includes(scalarAt(fields, field) as string));
}

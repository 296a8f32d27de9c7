import { FieldKind, type FieldSpec, type Fields } from "./fields.ts";

/** Fill `fields` from a parsed event. Paths lead through objects only, and only through their own keys. */
export function fillFromJson(event: unknown, specs: readonly FieldSpec[], fields: Fields): void {
  for (let field = 0; field < specs.length; field++) {
    const { path, shape } = specs[field]!;
    fillField(valueAt(event, path), shape, { fields, field });
  }
}

/**
 * Copy a nested or flat list of numbers into `target`, row-major.
 *
 * @returns whether `value` was a list of exactly that shape, or flat with exactly as many numbers.
 */
export function flattenInto(value: unknown, shape: readonly number[], target: Float64Array): boolean {
  if (!Array.isArray(value)) return false;
  if (value.length === target.length && value.every((each) => typeof each === "number")) {
    target.set(value);
    return true;
  }
  let next = 0;
  const visit = (part: unknown, axis: number): boolean => {
    if (axis === shape.length) {
      if (typeof part !== "number") return false;
      target[next++] = part;
      return true;
    }
    return Array.isArray(part) && part.length === shape[axis] && part.every((each) => visit(each, axis + 1));
  };
  return visit(value, 0);
}

function fillField(
  value: unknown,
  shape: readonly number[] | undefined,
  at: { fields: Fields; field: number },
): void {
  const { fields, field } = at;
  fields.others[field] = undefined;
  if (value === undefined) fields.kinds[field] = FieldKind.missing;
  else if (value === null) fields.kinds[field] = FieldKind.null;
  else if (typeof value === "boolean") fields.kinds[field] = value ? FieldKind.true : FieldKind.false;
  else if (typeof value === "number") {
    fields.kinds[field] = FieldKind.number;
    fields.numbers[field] = value;
  } else if (typeof value === "string") {
    fields.kinds[field] = FieldKind.string;
    fields.strings[field] = value;
  } else if (shape !== undefined && flattenInto(value, shape, fields.tensors[field]!)) {
    fields.kinds[field] = FieldKind.tensor;
  } else {
    fields.kinds[field] = FieldKind.other;
    fields.others[field] = value;
  }
}

/** What stands at a path of a parsed event, as `fillFromJson` finds it; undefined where nothing does. */
export function valueAt(event: unknown, path: readonly string[]): unknown {
  let value = event;
  for (const key of path) {
    if (value === null || typeof value !== "object" || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

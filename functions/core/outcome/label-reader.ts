import { type LabelRule, labelKind } from "../../contract/outcome.ts";
import { FieldKind, type Fields, scalarAt } from "../decode/fields.ts";
import type { ErrorCode } from "../errors.ts";

/** Reads the truth out of one field. */
export interface LabelReader {
  /** @returns 0 or 1, the position of a class, or the number; or the code of why it is none of them. */
  read(fields: Fields, field: number): number | { readonly code: ErrorCode };
  /** What it can read, for messages. */
  readonly expects: string;
}

type Scalar = string | number | boolean;

const missing = { code: "input.missing" } as const;
const wrongType = { code: "input.type" } as const;
const outOfRange = { code: "input.range" } as const;

/** Compile the label of a package's own outcome events, whose value is tested, looked up among classes, or a number. */
export function compileLabel(rule: LabelRule): LabelReader {
  const kind = labelKind(rule);
  if (kind === "classes") return classReader(rule.classes!);
  if (kind === "number") return numberReader;
  return rule.is === undefined
    ? boundReader(rule)
    : equalReader(Array.isArray(rule.is) ? rule.is : [rule.is]);
}

/** Compile the label of native outcome events, which say the truth itself: true or false, a class, or a number. */
export function compileNativeLabel(rule: LabelRule): LabelReader {
  const kind = labelKind(rule);
  if (kind === "classes") return classReader(rule.classes!);
  return kind === "number" ? numberReader : truthReader;
}

const numberReader: LabelReader = {
  expects: "a finite number",
  read: (fields, field) => finiteAt(fields, field) ?? refusal(fields, field, FieldKind.number),
};

const truthReader: LabelReader = {
  expects: "true or false, or 1 or 0",
  read(fields, field) {
    const value = scalarAt(fields, field);
    if (typeof value === "boolean") return value ? 1 : 0;
    return value === 0 || value === 1 ? value : refusal(fields, field, FieldKind.number);
  },
};

/** A number on one side of a bound. */
function boundReader({ above, atLeast, below, atMost = Number.NaN }: LabelRule): LabelReader {
  const isYes = (value: number): boolean => {
    if (above !== undefined) return value > above;
    if (atLeast !== undefined) return value >= atLeast;
    return below === undefined ? value <= atMost : value < below;
  };
  return {
    expects: "a finite number",
    read(fields, field) {
      const value = finiteAt(fields, field);
      if (value === undefined) return refusal(fields, field, FieldKind.number);
      return isYes(value) ? 1 : 0;
    },
  };
}

function equalReader(allowed: readonly Scalar[]): LabelReader {
  return {
    expects: "a string, a number or a boolean",
    read(fields, field) {
      const value = scalarAt(fields, field);
      if (value === undefined) return refusal(fields, field);
      return allowed.includes(value) ? 1 : 0;
    },
  };
}

function classReader(classes: readonly Scalar[]): LabelReader {
  const positions = new Map(classes.map((each, position) => [each, position]));
  return {
    expects: `one of the ${classes.length} classes`,
    read(fields, field) {
      const value = scalarAt(fields, field);
      if (value === undefined) return refusal(fields, field);
      return positions.get(value) ?? outOfRange;
    },
  };
}

function finiteAt({ kinds, numbers }: Fields, field: number): number | undefined {
  const value = kinds[field] === FieldKind.number ? numbers[field]! : Number.NaN;
  // JSON can write numbers that overflow.
  return Number.isFinite(value) ? value : undefined;
}

/** @param kind - the kind that is right, so that only its value can be wrong. */
function refusal({ kinds }: Fields, field: number, kind?: number): { readonly code: ErrorCode } {
  if (kinds[field]! <= FieldKind.null) return missing;
  return kinds[field] === kind ? outOfRange : wrongType;
}

import type { EventFeature, Transform } from "../../contract/feature.ts";
import { describeField, FieldKind, type Fields, sizeOf } from "../decode/fields.ts";
import type { ErrorCode } from "../errors.ts";
import type { NumericArray } from "../inference/tensor.ts";
import type { ElementStore } from "./element-store.ts";
import { hashReading, indexReading, namedReadings, type Reading } from "./readings.ts";
import { type Step, stepOf } from "./steps.ts";

/** Why an event cannot be predicted on. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** One feature, compiled: it writes its columns of a row. */
export interface Column {
  /** Write the feature; false where the event does not allow it, and `explain` then says why. */
  write(fields: Fields, target: NumericArray, index: number): boolean;
  explain(fields: Fields): Problem;
}

export interface ColumnSource {
  readonly name: string;
  readonly feature: EventFeature;
  /** Position of its field. */
  readonly field: number;
  readonly element: ElementStore;
}

/** The feature's transforms as a list. */
export function transformsOf(feature: EventFeature): readonly Transform[] {
  if (feature.as === undefined) return [];
  return Array.isArray(feature.as) ? feature.as : [feature.as];
}

/** Columns a feature fills. */
export function widthOf(feature: EventFeature): number {
  if (feature.shape !== undefined) return sizeOf(feature.shape);
  const first = transformsOf(feature)[0];
  return typeof first === "object" && "oneHot" in first ? first.oneHot.length : 1;
}

/** Combinations of a feature's keys that mean nothing; one message each. */
export function featureProblems(name: string, feature: EventFeature): string[] {
  const transforms = transformsOf(feature);
  const [first, ...rest] = transforms;
  const readsNumber = first === undefined || first === "number" || stepOf(first) !== undefined;
  const isOneHot = typeof first === "object" && "oneHot" in first;
  const bounded = feature.min !== undefined || feature.max !== undefined;
  const rules: [boolean, string][] = [
    [
      rest.some((each) => stepOf(each) === undefined),
      'a reading (number, boolean, hourOfDay, dayOfWeek, index, oneHot, hash) can only stand first in "as"',
    ],
    [isOneHot && rest.length > 0, "nothing can follow oneHot"],
    [isOneHot && feature.default !== undefined, "oneHot takes no default; a missing value counts as unknown"],
    [bounded && !readsNumber, "min and max apply to numbers only; remove them"],
    [(feature.min ?? -Infinity) > (feature.max ?? Infinity), "min must not exceed max"],
    [
      feature.shape !== undefined && !readsNumber,
      "a tensor takes only clip, scale, standardise, log and bucket",
    ],
    [
      feature.default !== undefined && readsNumber && !inRange(feature, feature.default),
      "default must lie within min and max",
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, message]) => `feature "${name}": ${message}`);
}

/** Compile a feature that has no `featureProblems`. */
export function compileColumn(source: ColumnSource): Column {
  const first = transformsOf(source.feature)[0];
  if (source.feature.shape !== undefined) return tensorColumn(source);
  if (typeof first === "object" && "oneHot" in first) return oneHotColumn(source, first);
  return scalarColumn(source);
}

function scalarColumn(source: ColumnSource): Column {
  const { feature, field, element } = source;
  const reading = readingOf(feature);
  const steps = stepsOf(feature);
  const { min = -Infinity, max = Infinity } = feature;
  const fallback = feature.default ?? Number.NaN;

  return {
    write(fields, target, index) {
      let value = fields.kinds[field]! <= FieldKind.null ? fallback : reading.read(fields, field);
      // NaN fails the comparison, so one test covers missing, unreadable and out of range.
      if (!(value >= min && value <= max)) return false;
      for (let i = 0; i < steps.length; i++) value = steps[i]!(value);
      return element.store(target, index, value);
    },
    explain: (fields) => explainScalar(fields, { source, reading }),
  };
}

function oneHotColumn(source: ColumnSource, transform: Extract<Transform, { oneHot: unknown }>): Column {
  const { field, element } = source;
  const width = transform.oneHot.length;
  const reading = indexReading(transform.oneHot, transform.unknown === undefined ? undefined : -1);
  return {
    write(fields, target, index) {
      const missing = fields.kinds[field]! <= FieldKind.null && transform.unknown !== undefined;
      const position = missing ? -1 : reading.read(fields, field);
      if (Number.isNaN(position)) return false;
      for (let i = 0; i < width; i++) element.store(target, index + i, i === position ? 1 : 0);
      return true;
    },
    explain: (fields) => explainScalar(fields, { source, reading }),
  };
}

function tensorColumn(source: ColumnSource): Column {
  const { feature, field, element } = source;
  const steps = stepsOf(feature);
  const { min = -Infinity, max = Infinity } = feature;
  const size = widthOf(feature);
  const fallback = feature.default;

  return {
    write(fields, target, index) {
      const missing = fields.kinds[field]! <= FieldKind.null;
      if (missing ? fallback === undefined : fields.kinds[field] !== FieldKind.tensor) return false;
      const elements = fields.tensors[field]!;
      for (let i = 0; i < size; i++) {
        let value = missing ? fallback! : elements[i]!;
        if (!(value >= min && value <= max)) return false;
        for (let step = 0; step < steps.length; step++) value = steps[step]!(value);
        if (!element.store(target, index + i, value)) return false;
      }
      return true;
    },
    explain: (fields) => explainTensor(fields, { source, size }),
  };
}

function explainScalar(
  fields: Fields,
  { source, reading }: { source: ColumnSource; reading: Reading },
): Problem {
  const { name, feature, field, element } = source;
  const expected = `${reading.expects}${rangeText(feature)}`;
  if (fields.kinds[field]! <= FieldKind.null && feature.default === undefined)
    return missing(source, expected, fields);
  const at = `feature "${name}": got ${describeField(fields, field)}`;
  const value = reading.read(fields, field);
  if (Number.isNaN(value)) {
    const code =
      isCategory(fields.kinds[field]!) && reading.expects.startsWith("one of") ? "input.range" : "input.type";
    return {
      code,
      message: `${at}, expected ${expected}; fix the producer${code === "input.range" ? ' or set "unknown"' : ""}`,
    };
  }
  if (!inRange(feature, value))
    return {
      code: "input.range",
      message: `${at}, expected ${expected}; fix the producer or clip the feature`,
    };
  if (transformsOf(feature).length === 0)
    return {
      code: "input.range",
      message: `${at}, expected ${element.holds}; fix the producer or clip the feature`,
    };
  return {
    code: "input.range",
    message: `${at}, whose transform gives no value the model can take (${element.holds}); fix the producer or bound the feature`,
  };
}

function explainTensor(fields: Fields, { source, size }: { source: ColumnSource; size: number }): Problem {
  const { name, feature, field, element } = source;
  const expected = `a list of shape [${feature.shape!.join(", ")}] or of ${size} numbers${rangeText(feature)}`;
  if (fields.kinds[field]! <= FieldKind.null && feature.default === undefined)
    return missing(source, expected, fields);
  const at = `feature "${name}": got ${describeField(fields, field)}`;
  if (fields.kinds[field] !== FieldKind.tensor)
    return { code: "input.shape", message: `${at}, expected ${expected}; fix the producer` };
  const guilty = [...fields.tensors[field]!].findIndex((each) => !inRange(feature, each));
  const which =
    guilty < 0
      ? "an element whose transform gives no value the model can take"
      : `${fields.tensors[field]![guilty]} at position ${guilty}`;
  return {
    code: "input.range",
    message: `feature "${name}": got ${which}, expected ${expected} (${element.holds}); fix the producer or clip the feature`,
  };
}

function missing({ name, feature, field }: ColumnSource, expected: string, fields: Fields): Problem {
  const first = transformsOf(feature)[0];
  const remedy = typeof first === "object" && "oneHot" in first ? '"unknown"' : "a default";
  const message = `feature "${name}": got ${describeField(fields, field)} at "${feature.from}", expected ${expected}; send it or set ${remedy}`;
  return { code: "input.missing", message };
}

function readingOf(feature: EventFeature): Reading {
  const first = transformsOf(feature)[0];
  if (typeof first === "string") return namedReadings[first];
  if (first !== undefined && "index" in first) return indexReading(first.index, first.unknown);
  if (first !== undefined && "hash" in first) return hashReading(first.hash.buckets);
  return namedReadings.number;
}

function stepsOf(feature: EventFeature): readonly Step[] {
  return transformsOf(feature).flatMap((each) => stepOf(each) ?? []);
}

function inRange({ min = -Infinity, max = Infinity }: EventFeature, value: number): boolean {
  return value >= min && value <= max;
}

function rangeText({ min, max }: EventFeature): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}

function isCategory(kind: number): boolean {
  return kind >= FieldKind.false && kind <= FieldKind.string;
}

/** What stands at a path of an event. */
export const FieldKind = {
  missing: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  string: 5,
  /** As many numbers as the field's size, flat, row-major. */
  tensor: 6,
  /** Anything else: an object, a list of the wrong shape. */
  other: 7,
} as const;

/** One path that a model reads from its events. */
export interface FieldSpec {
  /** Keys from the event's top, e.g. `["aircraft", "age"]`. */
  readonly path: readonly string[];
  /** For a tensor: its shape without the batch axis. */
  readonly shape?: readonly number[];
}

/**
 * The fields of one event, by position in the list of specs; reused from event to event.
 *
 * Both decoders fill it alike, so everything behind it has one code path.
 */
export interface Fields {
  readonly kinds: Uint8Array;
  /** Value where the kind is `number`. */
  readonly numbers: Float64Array;
  /** Value where the kind is `string`. */
  readonly strings: string[];
  /** Elements where the kind is `tensor`; its length is the product of the shape. */
  readonly tensors: readonly (Float64Array | undefined)[];
  /** The parsed value where the kind is `other`, for messages. */
  readonly others: unknown[];
}

/** Room for the fields of one event. */
export function createFields(specs: readonly FieldSpec[]): Fields {
  return {
    kinds: new Uint8Array(specs.length),
    numbers: new Float64Array(specs.length),
    strings: specs.map(() => ""),
    tensors: specs.map(({ shape }) => (shape === undefined ? undefined : new Float64Array(sizeOf(shape)))),
    others: specs.map(() => undefined),
  };
}

/** Number of elements of a tensor of this shape; 1 for a scalar's `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** A field's value where it is a string, a number or a boolean. */
export function scalarAt(
  { kinds, strings, numbers }: Fields,
  field: number,
): string | number | boolean | undefined {
  switch (kinds[field]) {
    case FieldKind.string:
      return strings[field];
    case FieldKind.number:
      return numbers[field];
    case FieldKind.true:
      return true;
    case FieldKind.false:
      return false;
    default:
      return undefined;
  }
}

/** The value of a field as a person would write it, for messages; long ones are cut. */
export function describeField(fields: Fields, field: number): string {
  switch (fields.kinds[field]) {
    case FieldKind.missing:
      return "nothing";
    case FieldKind.null:
      return "null";
    case FieldKind.false:
      return "false";
    case FieldKind.true:
      return "true";
    case FieldKind.number:
      return String(fields.numbers[field]);
    case FieldKind.string:
      return cut(JSON.stringify(fields.strings[field]));
    case FieldKind.tensor:
      return `a list of ${fields.tensors[field]!.length} numbers`;
    default:
      return describeOther(fields.others[field]);
  }
}

/** A private field for messages: whether anything stands there. */
export function describePrivate(fields: Fields, field: number): string {
  return fields.kinds[field]! <= FieldKind.null ? describeField(fields, field) : "a private value";
}

function describeOther(value: unknown): string {
  return Array.isArray(value) ? `a list of ${value.length}` : "an object";
}

function cut(text: string): string {
  return text.length <= 48 ? text : `${text.slice(0, 47)}…`;
}

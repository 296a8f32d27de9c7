import type { Transform } from "../../contract/feature.ts";
import { FieldKind, type Fields, scalarAt } from "../decode/fields.ts";
import { parseInstant } from "../decode/instant.ts";

/** Reads one field as a number; NaN where it cannot. Missing and null are the caller's. */
export interface Reading {
  read(fields: Fields, field: number): number;
  /** What it can read, for messages. */
  readonly expects: string;
}

type Named = Extract<Transform, string>;
type Category = string | number | boolean;

/** What `instantOf` reads, for messages. */
export const instantExpected = "an instant (ISO 8601 text, or epoch seconds or milliseconds)";

/** The readings that have a name. */
export const namedReadings: Readonly<Record<Named, Reading>> = {
  number: {
    expects: "a number",
    read: (fields, field) => (fields.kinds[field] === FieldKind.number ? fields.numbers[field]! : Number.NaN),
  },
  boolean: {
    expects: "true or false",
    read: ({ kinds }, field) =>
      kinds[field] === FieldKind.true ? 1 : kinds[field] === FieldKind.false ? 0 : Number.NaN,
  },
  hourOfDay: instantPart((ms) => Math.floor(ms / 3_600_000) % 24, 24),
  // 1970-01-01 was a Thursday; 0 is Sunday.
  dayOfWeek: instantPart((ms) => (Math.floor(ms / 86_400_000) + 4) % 7, 7),
};

/** Position in a list; `unknown` for a value that is not in it, where given. */
export function indexReading(values: readonly Category[], unknown: number | undefined): Reading {
  const positions = new Map<Category, number>(values.map((value, position) => [value, position]));
  return {
    expects: `one of the ${values.length} listed values`,
    read(fields, field) {
      const value = scalarAt(fields, field);
      if (value === undefined) return Number.NaN;
      return positions.get(value) ?? unknown ?? Number.NaN;
    },
  };
}

/** 32-bit FNV-1a over the UTF-8 text of the value, modulo `buckets`. */
export function hashReading(buckets: number): Reading {
  return {
    expects: "a string, a number or a boolean",
    read(fields, field) {
      const value = scalarAt(fields, field);
      return value === undefined ? Number.NaN : fnv1a(Buffer.from(String(value))) % buckets;
    },
  };
}

/** @see Fowler, Noll, Vo: FNV-1a, 32 bits: offset basis 2166136261, prime 16777619. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 2_166_136_261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16_777_619);
  return hash >>> 0;
}

/** The instant of a field in epoch milliseconds; NaN where it is none. */
export function instantOf(fields: Fields, field: number): number {
  const kind = fields.kinds[field];
  if (kind === FieldKind.string) return parseInstant(fields.strings[field]!);
  return kind === FieldKind.number ? parseInstant(fields.numbers[field]!) : Number.NaN;
}

function instantPart(part: (ms: number) => number, cycle: number): Reading {
  return {
    expects: instantExpected,
    // Instants before 1970 are negative: the remainder is brought back into the cycle.
    read: (fields, field) => (part(instantOf(fields, field)) + cycle) % cycle,
  };
}

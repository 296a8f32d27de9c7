import type { FieldIndex } from "../decode/field-index.ts";
import { describeField, describePrivate, FieldKind, type Fields } from "../decode/fields.ts";
import { InvariantError } from "../errors.ts";
import type { Problem } from "../features/column.ts";

/** Keys stand in table keys, which DynamoDB bounds at 2,048 bytes. */
export const maxKeyBytes = 512;

/** Replaces the text of a private key by what may be stored. */
export type Conceal = (text: string) => string;

export interface KeyReader {
  /** The key as text; undefined where the event has none, and `explain` then says why. */
  read(fields: Fields): string | undefined;
  explain(fields: Fields): Problem[];
}

export interface KeySource {
  readonly paths: readonly string[];
  /** Whose key it is, for messages. */
  readonly name: string;
  readonly isPrivate: (path: string) => boolean;
  /** Whether the key's text is concealed. */
  readonly isConcealed: boolean;
  readonly conceal: Conceal | undefined;
}

/** Compile a key: the text of the value at one path, or a JSON array of the texts at several, so that no two keys are one. */
export function compileKey(source: KeySource, index: FieldIndex): KeyReader {
  const { paths, name, isPrivate, isConcealed } = source;
  const fieldsOf = paths.map((path) => index.fieldOf(path));
  const single = fieldsOf.length === 1 ? fieldsOf[0]! : -1;
  return { read, explain };

  function read(fields: Fields): string | undefined {
    const text = textOf(fields);
    if (text === undefined || isTooLong(text)) return undefined;
    return isConcealed ? conceal(text) : text;
  }

  function textOf(fields: Fields): string | undefined {
    if (single >= 0) return partAt(fields, single);
    const parts = fieldsOf.map((field) => partAt(fields, field));
    return parts.includes(undefined) ? undefined : JSON.stringify(parts);
  }

  function conceal(text: string): string {
    if (source.conceal === undefined)
      throw new InvariantError(`${name}: got a private key and no way to conceal it; pass one`);
    return source.conceal(text);
  }

  function explain(fields: Fields): Problem[] {
    const problems = fieldsOf.flatMap((field, i): Problem[] => {
      if (partAt(fields, field) !== undefined) return [];
      const isAbsent = fields.kinds[field]! <= FieldKind.null;
      const describe = isPrivate(paths[i]!) ? describePrivate : describeField;
      return [
        {
          code: isAbsent ? "input.missing" : "input.type",
          message: `${name}: got ${describe(fields, field)} at "${paths[i]}", expected ${expected}; fix the producer`,
        },
      ];
    });
    const text = textOf(fields);
    if (text !== undefined && isTooLong(text))
      problems.push({
        code: "input.range",
        message: `${name}: got ${Buffer.byteLength(text)} bytes at "${paths.join('", "')}", expected at most ${maxKeyBytes}; fix the producer`,
      });
    return problems;
  }
}

const expected = `a string, a boolean or a number within ±${Number.MAX_SAFE_INTEGER}`;

/** Two keys must never become one: no numbers that JSON readers round, no half characters that UTF-8 cannot carry. */
function partAt({ kinds, strings, numbers }: Fields, field: number): string | undefined {
  switch (kinds[field]) {
    case FieldKind.string: {
      const text = strings[field]!;
      return text.isWellFormed() ? text : undefined;
    }
    case FieldKind.number: {
      const number = numbers[field]!;
      return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? String(number) : undefined;
    }
    case FieldKind.true:
      return "true";
    case FieldKind.false:
      return "false";
    default:
      return undefined;
  }
}

/** UTF-8 takes at most 3 bytes per unit of text, so most texts need no count. */
function isTooLong(text: string): boolean {
  return text.length * 3 > maxKeyBytes && Buffer.byteLength(text) > maxKeyBytes;
}

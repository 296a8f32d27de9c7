import type { ModelPackage } from "../../contract/model-package.ts";
import { isPrivate, type PrivateSource } from "../../contract/package-problems.ts";
import type { FieldIndex } from "../decode/field-index.ts";
import { describeField, describePrivate, FieldKind, type Fields } from "../decode/fields.ts";
import type { Problem } from "../features/column.ts";
import { instantExpected, instantOf } from "../features/readings.ts";

/** Ids become table keys, which DynamoDB bounds at 1,024 and 2,048 bytes. */
export const maxIdLength = 256;

/** Who an event is about and when it happened. */
export interface EventIdentity {
  /** The event's own id; undefined where the package names none. */
  readonly id: string | undefined;
  /** Epoch milliseconds; undefined where the package names no time. */
  readonly timeMs: number | undefined;
  /** What routes and keys its prediction; undefined where the package names neither entity nor id. */
  readonly entity: string | undefined;
}

export interface IdentityReader {
  /** @returns the identity, or every reason why the event has none. */
  read(fields: Fields): EventIdentity | Problem[];
}

export interface IdentitySource extends Partial<PrivateSource> {
  readonly event: Pick<ModelPackage["event"], "id" | "time" | "entity">;
}

/** @param conceal - what stands for a private id or entity. */
export function compileIdentity(
  { event, outcome, private: declared = [] }: IdentitySource,
  index: FieldIndex,
  conceal: (text: string) => string = (text) => text,
): IdentityReader {
  const idField = event.id === undefined ? -1 : index.fieldOf(event.id);
  const timeField = event.time === undefined ? -1 : index.fieldOf(event.time);
  const entityField = event.entity === undefined ? -1 : index.fieldOf(event.entity);
  const hides = (path: string | undefined) =>
    path !== undefined && isPrivate({ event, outcome, private: declared }, path);
  const [hidesId, hidesEntity] = [hides(event.id), hides(event.entity)];

  return {
    read(fields) {
      const id = idField < 0 ? undefined : idAt(fields, idField);
      const timeMs = timeField < 0 ? undefined : instantOf(fields, timeField);
      const entity = entityField < 0 ? id : idAt(fields, entityField);
      const broken =
        (idField >= 0 && id === undefined) ||
        Number.isNaN(timeMs) ||
        (entityField >= 0 && entity === undefined);
      if (broken) return explain(fields);
      if (!hidesId && !hidesEntity) return { id, timeMs, entity };
      return {
        id: hidesId && id !== undefined ? conceal(id) : id,
        timeMs,
        entity: (entityField < 0 ? hidesId : hidesEntity) && entity !== undefined ? conceal(entity) : entity,
      };
    },
  };

  function explain(fields: Fields): Problem[] {
    const problems: Problem[] = [];
    const expect = (what: string, field: number, path: string, expected: string) => {
      const describe = hides(path) ? describePrivate : describeField;
      const code = fields.kinds[field]! <= FieldKind.null ? "input.missing" : "input.type";
      problems.push({
        code,
        message: `event ${what}: got ${describe(fields, field)} at "${path}", expected ${expected}; fix the producer`,
      });
    };
    if (idField >= 0 && idAt(fields, idField) === undefined) expect("id", idField, event.id!, idExpected);
    if (timeField >= 0 && Number.isNaN(instantOf(fields, timeField)))
      expect("time", timeField, event.time!, instantExpected);
    if (entityField >= 0 && idAt(fields, entityField) === undefined)
      expect("entity", entityField, event.entity!, idExpected);
    return problems;
  }
}

/** What `idAt` reads, for messages. */
export const idExpected = `a string of 1 to ${maxIdLength} characters, or a number within ±${Number.MAX_SAFE_INTEGER}`;

/** Two ids must never become one: no numbers that JSON readers round, no half characters that UTF-8 cannot carry. */
export function idAt({ kinds, strings, numbers }: Fields, field: number): string | undefined {
  if (kinds[field] === FieldKind.number) {
    const number = numbers[field]!;
    return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? String(number) : undefined;
  }
  if (kinds[field] !== FieldKind.string) return undefined;
  const text = strings[field]!;
  return text.length > 0 && text.length <= maxIdLength && text.isWellFormed() ? text : undefined;
}

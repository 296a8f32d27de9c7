import { type ExampleKind, type ExampleObject, parseExampleKey } from "../../../contract/example.ts";
import type { ObjectReader } from "./object-reader.ts";

export interface HourObject extends ExampleObject {
  readonly key: string;
}

export interface HourSpan {
  /** The data bucket. */
  readonly store: Pick<ObjectReader, "list">;
  readonly model: string;
  /** Only hours that begin before `untilMs` and end after `fromMs`, epoch milliseconds. @default all */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Spans of more days are listed as a whole. */
const maxListedDays = 1000;

/** List the objects of a model hour by hour, ascending. In memory are the names of one hour. */
export async function* objectsByHour(
  kind: ExampleKind,
  { store, model, fromMs = -Infinity, untilMs = Infinity }: HourSpan,
): AsyncGenerator<readonly HourObject[]> {
  let objects: HourObject[] = [];
  for (const prefix of prefixesOf(`${kind}/${model}/`, fromMs, untilMs)) {
    // Keys come ascending, and so hour by hour.
    for await (const key of store.list(prefix)) {
      const object = parseExampleKey(kind, key);
      if (object === undefined) continue;
      const beginMs = Date.parse(`${object.hour}:00:00Z`);
      if (beginMs + hourMs <= fromMs || beginMs >= untilMs) continue;
      if (objects.length > 0 && objects[0]!.hour !== object.hour) {
        yield objects;
        objects = [];
      }
      objects.push({ ...object, key });
    }
  }
  if (objects.length > 0) yield objects;
}

function prefixesOf(base: string, fromMs: number, untilMs: number): readonly string[] {
  const firstDay = Math.floor(fromMs / dayMs);
  const dayCount = Math.ceil(untilMs / dayMs) - firstDay;
  if (!(dayCount <= maxListedDays)) return [base];
  return Array.from({ length: Math.max(0, dayCount) }, (_, i) => {
    const day = new Date((firstDay + i) * dayMs).toISOString().slice(0, "yyyy-mm-dd".length);
    return `${base}${day.replaceAll("-", "/")}/`;
  });
}

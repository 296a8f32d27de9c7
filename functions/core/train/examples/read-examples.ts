import { type Example, type ExampleObject, example, parseExampleKey } from "../../../contract/example.ts";
import { linesOf } from "../../decode/gzip-lines.ts";
import type { ObjectReader } from "./object-reader.ts";

export interface ReadExamplesOptions {
  /** The data bucket. */
  readonly store: ObjectReader;
  readonly model: string;
  /** Only outcomes from `fromMs` on and before `untilMs`, epoch milliseconds. @default all */
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Only of predictions that this version made. @default of every version */
  readonly digest?: string;
  /** Told of objects and lines that cannot be read; the rest is read on. */
  readonly noteDamaged: (message: string) => void;
}

interface ListedObject extends ExampleObject {
  readonly key: string;
  /** The shard whose events it is of; a backfill has a name of its own for it. */
  readonly eventShard: string;
  readonly isBackfilled: boolean;
}

/**
 * Read a model's examples, each prediction once: by the hour of the outcome, then by shard, then about as they stood on
 * it.
 *
 * A bisected batch wrote some again, and a backfill makes new ones of predictions that were served: of those the served
 * one is taken. In memory are the names of one hour's objects, and the ids of those whose ranges overlap.
 */
export async function* readExamples(options: ReadExamplesOptions): AsyncGenerator<Example> {
  const { fromMs = -Infinity, untilMs = Infinity, digest } = options;
  for await (const objects of objectsByHour(options)) {
    for (const chain of chainsOf(objects)) {
      const seen = new Set<string>();
      for (const { key } of chain) {
        for await (const each of readObject(key, options)) {
          const timeMs = Date.parse(each.outcomeTime);
          if (timeMs < fromMs || timeMs >= untilMs || seen.has(each.predictionId)) continue;
          if (digest !== undefined && each.digest !== digest) continue;
          seen.add(each.predictionId);
          yield each;
        }
      }
    }
  }
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Spans of more days are listed as a whole. */
const maxListedDays = 1000;

async function* objectsByHour(options: ReadExamplesOptions): AsyncGenerator<readonly ListedObject[]> {
  const { store, model, fromMs = -Infinity, untilMs = Infinity } = options;
  let objects: ListedObject[] = [];
  for (const prefix of prefixesOf(`examples/${model}/`, fromMs, untilMs)) {
    // Keys come ascending, and so hour by hour.
    for await (const key of store.list(prefix)) {
      const object = parseExampleKey("examples", key);
      if (object === undefined) continue;
      const beginMs = Date.parse(`${object.hour}:00:00Z`);
      if (beginMs + hourMs <= fromMs || beginMs >= untilMs) continue;
      if (objects.length > 0 && objects[0]!.hour !== object.hour) {
        yield objects;
        objects = [];
      }
      objects.push(listed(key, object));
    }
  }
  if (objects.length > 0) yield objects;
}

function listed(key: string, object: ExampleObject): ListedObject {
  const eventShard = object.shard.replace(/^backfill-[0-9a-f]{12}-/, "");
  return { ...object, key, eventShard, isBackfilled: eventShard !== object.shard };
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

/** Objects of one shard whose ranges overlap, together: only they can hold one prediction twice. What was served comes first. */
function chainsOf(objects: readonly ListedObject[]): readonly (readonly ListedObject[])[] {
  const chains: ListedObject[][] = [];
  for (const ofShard of Map.groupBy(objects, ({ eventShard }) => eventShard).values()) {
    let end = -1n;
    for (const object of ofShard.toSorted((a, b) => compare(BigInt(a.first), BigInt(b.first)))) {
      if (BigInt(object.first) > end) chains.push([]);
      chains.at(-1)!.push(object);
      if (BigInt(object.last) > end) end = BigInt(object.last);
    }
  }
  for (const chain of chains) chain.sort((a, b) => Number(a.isBackfilled) - Number(b.isBackfilled));
  return chains;
}

async function* readObject(
  key: string,
  { store, noteDamaged }: ReadExamplesOptions,
): AsyncGenerator<Example> {
  const bytes = await store.get(key);
  if (bytes === undefined) return noteDamaged(`${key}: gone since it was listed`);
  let lineNumber = 0;
  try {
    for await (const lines of linesOf(bytes)) {
      for (const line of lines) {
        lineNumber++;
        const found = parseLine(line);
        if (found === undefined) noteDamaged(`${key}: line ${lineNumber} is no example`);
        else yield found;
      }
    }
  } catch (error) {
    noteDamaged(`${key}: cannot be unzipped beyond line ${lineNumber}: ${(error as Error).message}`);
  }
}

function parseLine(line: string): Example | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = example.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { type Example, example } from "../../../contract/example.ts";
import { getAhead } from "./get-ahead.ts";
import type { ObjectReader } from "./object-reader.ts";
import { type HourObject, objectsByHour } from "./objects-by-hour.ts";
import { readLines } from "./read-lines.ts";

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

interface ListedObject extends HourObject {
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
  for await (const objects of objectsByHour("examples", options)) {
    const chains = chainsOf(objects.map(listed));
    const firstKeys = new Set(chains.map(([first]) => first!.key));
    const keys = chains.flat().map(({ key }) => key);
    const seen = new Set<string>();
    for await (const object of getAhead(options.store, keys)) {
      if (firstKeys.has(object.key)) seen.clear();
      for await (const each of readLines(object, example, options.noteDamaged)) {
        const timeMs = Date.parse(each.outcomeTime);
        if (timeMs < fromMs || timeMs >= untilMs || seen.has(each.predictionId)) continue;
        if (digest !== undefined && each.digest !== digest) continue;
        seen.add(each.predictionId);
        yield each;
      }
    }
  }
}

function listed(object: HourObject): ListedObject {
  const eventShard = object.shard.replace(/^backfill-[0-9a-f]{12}-/, "");
  return { ...object, eventShard, isBackfilled: eventShard !== object.shard };
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

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

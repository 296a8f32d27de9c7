import { type ExampleKind, parseExampleKey } from "../../../contract/example.ts";
import type { ObjectReader } from "./object-reader.ts";

/**
 * Find the hour of the newest outcome that examples were made of.
 *
 * Replayed events have times of long ago, so that no clock tells it. It is looked for year by year, then by month, day and
 * hour, each by a list of its prefix: a stage that is up to date takes some twenty requests, and none takes 150.
 *
 * @param nowMs - epoch milliseconds; outcomes of later years are not looked for.
 * @returns its beginning, epoch milliseconds; undefined where there are none since 1970.
 * @throws {DependencyError} when the store cannot be reached.
 */
export async function newestHour(
  kind: ExampleKind,
  {
    store,
    model,
    nowMs,
  }: { readonly store: Pick<ObjectReader, "list">; readonly model: string; readonly nowMs: number },
): Promise<number | undefined> {
  let prefix = `${kind}/${model}/`;
  const thisYear = new Date(nowMs).getUTCFullYear();
  for (const [first, last] of [
    [1970, thisYear + 1],
    [1, 12],
    [1, 31],
    [0, 23],
  ] as const) {
    const found = await newestOf(prefix, { first, last, kind, store });
    if (found === undefined) return undefined;
    prefix = found;
  }
  const [, , year, month, day, hour] = prefix.split("/");
  return Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
}

async function newestOf(
  prefix: string,
  {
    first,
    last,
    kind,
    store,
  }: {
    readonly first: number;
    readonly last: number;
    readonly kind: ExampleKind;
    readonly store: Pick<ObjectReader, "list">;
  },
): Promise<string | undefined> {
  for (let number = last; number >= first; number--) {
    const folder = `${prefix}${String(number).padStart(2, "0")}/`;
    for await (const key of store.list(folder)) if (parseExampleKey(kind, key) !== undefined) return folder;
  }
  return undefined;
}

import { createHash } from "node:crypto";
import { secondsOf } from "../../contract/duration.ts";
import { pathsOf } from "../../contract/package-problems.ts";
import type { View } from "../../contract/view.ts";

/**
 * What a view's state is named by: 16 hex digits of the SHA-256 of its definition, without the features over it.
 *
 * The number of levels and whether keys are concealed go in too: state that lacks a level, or that is filed under other
 * keys, must not be taken for this view's. How a duration, a key or a condition is spelled does not.
 */
export function viewDigest(
  view: View,
  kept: { readonly topLevel: number; readonly isConcealed: boolean },
): string {
  const { on, key, value, rate, time, tile, lateness } = view;
  const definition = {
    on: Object.fromEntries(Object.entries(on).map(([path, allowed]) => [path, setOf(allowed)])),
    key: pathsOf(key),
    value,
    rate:
      rate === undefined ? undefined : { ...rate, is: rate.is === undefined ? undefined : setOf(rate.is) },
    time,
    tileSeconds: secondsOf(tile),
    latenessSeconds: secondsOf(lateness),
    ...kept,
  };
  return createHash("sha256").update(canonicalJson(definition)).digest("hex").slice(0, 16);
}

function setOf<T>(given: T | readonly T[]): readonly T[] {
  const values: readonly T[] = Array.isArray(given) ? given : [given as T];
  const textOf = (value: T) => JSON.stringify(value);
  return [...new Set(values)].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

/** Keys in order, undefined ones left out: one text per meaning. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === "object" && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

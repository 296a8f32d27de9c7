import * as z from "zod/mini";
import { condition, scalar } from "./condition.ts";
import { describe } from "./describe.ts";
import { duration, secondsOf } from "./duration.ts";
import { path } from "./path.ts";

/** Where a key stands: one path, or several whose values are the key together. */
export const keyPaths = z.union([path, z.array(path).check(z.minLength(1), z.maxLength(4))]);

/** What counts as a hit for the aggregate `rate`: exactly one of the tests. */
const rate = z
  .strictObject({
    from: describe("Path of the value tested; default: the view's value.", z.optional(path)),
    above: z.optional(z.number()),
    atLeast: z.optional(z.number()),
    below: z.optional(z.number()),
    atMost: z.optional(z.number()),
    is: describe(
      "A value, or a list of values, one of which it equals.",
      z.optional(z.union([scalar, z.array(scalar).check(z.minLength(1))])),
    ),
  })
  .check(
    z.refine(
      ({ from: _, ...tests }) => Object.values(tests).filter((test) => test !== undefined).length === 1,
      "needs exactly one of above, atLeast, below, atMost, is",
    ),
  );

/**
 * A feature view: a streaming aggregate per key, kept in tiles.
 *
 * A window of length W at event time t covers the tiles that start after t - W, up to the tile that holds t; what
 * counts is what the stream delivered before the event that asks.
 */
export const view = z
  .strictObject({
    on: describe("Which events feed the view.", condition),
    key: describe("Path of the key, or a list of paths whose values are the key together.", keyPaths),
    value: describe(
      "Path of the number that is aggregated; without it only count, rate and secondsSinceLast can be asked for.",
      z.optional(path),
    ),
    rate: describe("The test whose share of hits the aggregate rate gives.", z.optional(rate)),
    time: describe(
      "Path of the event's time, as event.time has it; default: its arrival on the stream.",
      z.optional(path),
    ),
    tile: describe(
      'Length of a tile, from "1s" to "1d"; windows are whole numbers of tiles.',
      duration("1d"),
    ),
    lateness: describe(
      "How far behind the shard's newest event an event may be and still count; later ones are skipped and counted.",
      z._default(z.union([z.literal("0s"), duration("30d")]), "0s"),
    ),
  })
  .check(
    z.refine(
      ({ value, rate: test }) => test === undefined || value !== undefined || test.from !== undefined,
      "rate: needs a value, of the view or its own (from)",
    ),
  );

/** What can be asked of a window. */
export const aggregate = z.enum([
  "count",
  "sum",
  "mean",
  "min",
  "max",
  "std",
  "rate",
  "last",
  "secondsSinceLast",
]);

/** Aggregates that need the view's `value`. */
const ofValue: readonly string[] = ["sum", "mean", "min", "max", "std", "last"];

/** Why a windowed feature does not fit its view, one message each. */
export function windowProblems(
  feature: { agg: Aggregate; over: string; key?: KeyPaths | undefined },
  from: View,
): string[] {
  const { agg, over, key } = feature;
  const tileSeconds = secondsOf(from.tile);
  const paths = (keys: KeyPaths) => (Array.isArray(keys) ? keys.length : 1);
  const rules: [boolean, string][] = [
    [
      secondsOf(over) % tileSeconds !== 0,
      `over: got ${over}, expected a whole number of the view's tiles of ${from.tile}`,
    ],
    [ofValue.includes(agg) && from.value === undefined, `agg: ${agg} needs a view with a value`],
    [agg === "rate" && from.rate === undefined, "agg: rate needs a view with a rate"],
    [
      key !== undefined && paths(key) !== paths(from.key),
      `key: got ${key === undefined ? 0 : paths(key)} path(s), expected ${paths(from.key)}, as the view's key has`,
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, message]) => message);
}

export type View = z.infer<typeof view>;
export type KeyPaths = z.infer<typeof keyPaths>;
export type Aggregate = z.infer<typeof aggregate>;
export type RateTest = z.infer<typeof rate>;

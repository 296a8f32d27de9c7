import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Aggregate } from "../../../../functions/contract/view.ts";
import {
  addToTile,
  aggregateOf,
  clearTile,
  maxValue,
  mergeTile,
  type Observation,
  Stat,
  tileStats,
} from "../../../../functions/core/views/tile.ts";
import { naiveAggregate } from "./naive-aggregate.ts";

const aggregates: readonly Aggregate[] = [
  "count",
  "sum",
  "mean",
  "min",
  "max",
  "std",
  "rate",
  "last",
  "secondsSinceLast",
];

/** Times differ, so that which value is the last does not hang on the order of merging. */
const observations = fc.uniqueArray(
  fc.record({
    value: fc.oneof(fc.integer({ min: -500, max: 500 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
    hit: fc.boolean(),
    timeMs: fc.integer({ min: -1e9, max: 1e9 }),
  }),
  { maxLength: 40, selector: ({ timeMs }) => timeMs },
);

function tileOf(seen: readonly Observation[]): Float64Array {
  const tile = new Float64Array(tileStats);
  clearTile(tile, 0);
  for (const each of seen) addToTile(tile, 0, each);
  return tile;
}

function merge(...tiles: readonly Float64Array[]): Float64Array {
  const merged = tileOf([]);
  for (const tile of tiles) mergeTile(merged, 0, tile, 0);
  return merged;
}

/** Equal to 1e-12 of the greatest number that went into the result. */
function expectClose(got: Float64Array, expected: Float64Array, seen: readonly Observation[]): void {
  const scale = Math.max(1, ...seen.map(({ value }) => Math.abs(value))) * Math.max(1, seen.length);
  for (let i = 0; i < tileStats; i++) {
    const isExact = i !== Stat.sum && i !== Stat.m2;
    if (isExact) expect(got[i], `stat ${i}`).toBe(expected[i]);
    else
      expect(Math.abs(got[i]! - expected[i]!), `stat ${i}`).toBeLessThanOrEqual(
        1e-12 * (i === Stat.m2 ? scale * scale : scale),
      );
  }
}

describe("tile", () => {
  it("says of its events what a plain computation says", () => {
    fc.assert(
      fc.property(observations, (seen) => {
        const timeMs = 2e9;
        for (const agg of aggregates) {
          const got = aggregateOf(tileOf(seen), 0, agg, timeMs);
          const expected = naiveAggregate(seen, agg, timeMs);
          if (Number.isNaN(expected)) expect(got, agg).toBeNaN();
          else
            expect(Math.abs(got - expected), agg).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
        }
      }),
    );
  });

  it("comes to the same however its events are split, grouped and ordered", () => {
    fc.assert(
      fc.property(observations, observations, observations, (a, b, c) => {
        const times = [...a, ...b, ...c].map(({ timeMs }) => timeMs);
        fc.pre(new Set(times).size === times.length);
        const [x, y, z] = [tileOf(a), tileOf(b), tileOf(c)];
        const all = [...a, ...b, ...c];
        expectClose(merge(merge(x, y), z), merge(x, merge(y, z)), all);
        expectClose(merge(x, y), merge(y, x), all);
        expectClose(merge(x, y, z), tileOf(all), all);
      }),
    );
  });

  it("is not changed by merging nothing", () => {
    const tile = tileOf([{ value: 3, hit: true, timeMs: 5 }]);
    expect(merge(tile, tileOf([]))).toEqual(tile);
    expect(merge(tileOf([]), tile)).toEqual(tile);
  });

  it("takes the later of two values at one time", () => {
    const first = { value: 1, hit: false, timeMs: 7 };
    const second = { value: 2, hit: false, timeMs: 7 };
    expect(tileOf([first, second])[Stat.last]).toBe(2);
    expect(merge(tileOf([first]), tileOf([second]))[Stat.last]).toBe(2);
    expect(merge(tileOf([second]), tileOf([first]))[Stat.last]).toBe(1);
  });

  it("keeps the spread of values far from zero, where a sum of squares would lose it", () => {
    const seen = [4, 7, 13, 16].map((value, i) => ({ value: value + 1e9, hit: false, timeMs: i }));
    expect(aggregateOf(tileOf(seen), 0, "std", 0)).toBeCloseTo(Math.sqrt(22.5), 6);
    const halves = merge(tileOf(seen.slice(0, 1)), tileOf(seen.slice(1)));
    expect(aggregateOf(halves, 0, "std", 0)).toBeCloseTo(Math.sqrt(22.5), 6);
  });

  it("stays finite over the greatest values there are", () => {
    const seen = Array.from({ length: 50 }, (_, i) => ({
      value: i % 2 === 0 ? maxValue : -maxValue,
      hit: false,
      timeMs: i,
    }));
    const merged = merge(tileOf(seen), tileOf(seen), tileOf(seen.slice(1)));
    expect([...merged].every(Number.isFinite)).toBe(true);
  });

  it("counts events without a value, which have no last one either", () => {
    const tile = tileOf([
      { value: Number.NaN, hit: true, timeMs: 1000 },
      { value: Number.NaN, hit: false, timeMs: 3000 },
    ]);
    expect(aggregateOf(tile, 0, "count", 0)).toBe(2);
    expect(aggregateOf(tile, 0, "rate", 0)).toBe(0.5);
    expect(aggregateOf(tile, 0, "secondsSinceLast", 4500)).toBe(1.5);
  });

  it("never lets time run backwards", () => {
    expect(aggregateOf(tileOf([{ value: 1, hit: false, timeMs: 9000 }]), 0, "secondsSinceLast", 4000)).toBe(
      0,
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../../../functions/core/errors.ts";
import { histogramOf, totalOf } from "../../../../functions/core/monitor/histogram.ts";
import { emptySketch, mergeSketches, type Sketch } from "../../../../functions/core/monitor/sketch.ts";
import {
  decodeSketch,
  encodeSketch,
  maxSketchBytes,
} from "../../../../functions/core/monitor/sketch-codec.ts";
import { sketch } from "./arbitrary-sketch.ts";

/** A feature whose values fall into each of so many buckets. */
function wide(kind: "number" | "category", buckets: number) {
  const histogram = histogramOf(
    Array.from({ length: buckets }, (_, i) => [kind === "number" ? 3 * i : i, 3e6]),
  );
  return { kind, histogram, missing: 3e6, invalid: 3e6 };
}

describe("a stored sketch", () => {
  it("reads as it was written", () => {
    fc.assert(
      fc.property(sketch, (each) => {
        expect(decodeSketch(encodeSketch(each))).toEqual(each);
      }),
    );
    expect(decodeSketch(encodeSketch(emptySketch))).toEqual(emptySketch);
  });

  it("merges as what it was written from, in any order", () => {
    fc.assert(
      fc.property(sketch, sketch, sketch, (a, b, c) => {
        const [x, y, z] = [a, b, c].map((each) => decodeSketch(encodeSketch(each)));
        expect(mergeSketches([mergeSketches([z!, x!]), y!])).toEqual(mergeSketches([a, b, c]));
      }),
    );
  });

  it("stays small, however wide its values are spread and however many features there are", () => {
    const cases: readonly [number, number][] = [
      [1, 0],
      [40, 0],
      [1000, 0],
      [500, 24],
      [0, 24],
    ];
    for (const [numbers, categories] of cases) {
      const features = [
        ...Array.from({ length: numbers }, () => wide("number", numbers > 100 ? 200 : 1300)),
        ...Array.from({ length: categories }, () => wide("category", 512)),
      ];
      const given: Sketch = { rows: 4e9, failed: 4e9, runMs: 1, features, scores: [] };
      const bytes = encodeSketch(given);
      expect(bytes.length).toBeLessThanOrEqual(maxSketchBytes * 1.2);
      const read = decodeSketch(bytes);
      expect(read.features.map(({ histogram }) => totalOf(histogram))).toEqual(
        features.map(({ histogram }) => totalOf(histogram)),
      );
    }
  });

  it("is a few kilobytes for forty features", () => {
    const feature = {
      kind: "number" as const,
      histogram: histogramOf(Array.from({ length: 60 }, (_, i) => [2000 + i, 500])),
      missing: 0,
      invalid: 0,
    };
    const given = { ...emptySketch, rows: 30_000, features: Array.from({ length: 40 }, () => feature) };
    expect(encodeSketch(given).length).toBeLessThan(8000);
  });

  it("is refused where it is damaged or of a newer version", () => {
    expect(() => decodeSketch(Uint8Array.of(2))).toThrow("got version 2, expected version 1");
    fc.assert(
      fc.property(sketch, fc.nat(), fc.nat(255), (each, at, byte) => {
        const bytes = encodeSketch(each);
        bytes[at % bytes.length] = byte;
        try {
          decodeSketch(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(InvariantError);
        }
      }),
    );
    const whole = encodeSketch({ ...emptySketch, rows: 5 });
    for (let end = 0; end < whole.length; end++)
      expect(() => decodeSketch(whole.subarray(0, end))).toThrow(InvariantError);
    expect(() => decodeSketch(Uint8Array.of(...whole, 0))).toThrow(InvariantError);
  });
});

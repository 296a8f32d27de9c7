import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binColumns, missingBin } from "../../../../../functions/core/train/trees/binned-columns.ts";
import { quantileCuts } from "../../../../../functions/core/train/trees/quantile-cuts.ts";
import { sortFloats } from "../../../../../functions/core/train/trees/sort-floats.ts";
import { seededRandom } from "../../../../../scripts/onnx/random.ts";

const floats = fc.float32Array({ maxLength: 400 });
const isNumber = (value: number) => !Number.isNaN(value);

describe("sorting", () => {
  it("gives what the built-in sort does, without NaN", () => {
    fc.assert(
      fc.property(floats, (values) => {
        const expected = [...values].filter(isNumber).sort((a, b) => a - b);
        expect([...sortFloats(values)]).toEqual(expected.map((value) => value + 0));
      }),
    );
  });
});

describe("cuts", () => {
  it("part every two values that occur, halfway, while there are bins enough", () => {
    const values = Float32Array.of(3, 1, 1, Number.NaN, 2, 5, -0, 0);
    expect([...quantileCuts(values, 255)]).toEqual([0.5, 1.5, 2.5, 4]);
    expect([...quantileCuts(Float32Array.of(7, 7), 255)]).toEqual([]);
    expect([...quantileCuts(Float32Array.of(Number.NaN), 255)]).toEqual([]);
    expect([...quantileCuts(Float32Array.of(-Infinity, 0, Infinity), 255)]).toEqual([-Infinity, 0]);
  });

  it("part neighbours in single precision on the lower one", () => {
    const next = 1 + 2 ** -23;
    expect([...quantileCuts(Float32Array.of(1, next), 255)]).toEqual([1]);
    expect([...quantileCuts(Float32Array.of(-3.4e38, 3.4e38), 255)]).toEqual([0]);
  });

  it("rise, are fewer than the bins, and leave no bin empty, on any values", () => {
    const bins = fc.integer({ min: 2, max: 255 });
    fc.assert(
      fc.property(floats, bins, (values, maxBins) => {
        const cuts = quantileCuts(values, maxBins);
        expect(cuts.length).toBeLessThan(maxBins);
        const present = [...values].filter(isNumber);
        const counts = new Set(present.map((value) => cuts.filter((cut) => value > cut).length));
        if (present.length > 0) expect(counts.size).toBe(cuts.length + 1);
        expect([...cuts]).toEqual([...new Set(cuts)].sort((a, b) => a - b));
      }),
    );
  });

  it("put about equally many values into each bin, and a frequent one into one that it shares with few", () => {
    const random = seededRandom(1);
    const values = Float32Array.from({ length: 10_000 }, (_, i) => (i % 4 === 0 ? 0.25 : random.normal()));
    const cuts = quantileCuts(values, 50);
    const counts = new Array<number>(cuts.length + 1).fill(0);
    for (const value of values) counts[cuts.filter((cut) => value > cut).length]! += 1;
    const frequent = counts.indexOf(Math.max(...counts));
    expect(counts[frequent]).toBeGreaterThanOrEqual(2500);
    expect(counts[frequent]).toBeLessThan(2500 + 7500 / 49 / 2);
    const others = counts.filter((_, bin) => bin !== frequent);
    expect(others.length).toBeGreaterThan(40);
    expect(Math.max(...others)).toBeLessThan(2 * (7500 / 49));
  });
});

describe("bins", () => {
  it("are the number of cuts below the value, and one more than all for NaN", () => {
    fc.assert(
      fc.property(floats, fc.integer({ min: 3, max: 256 }), (values, maxBins) => {
        const { bins, cuts } = binColumns([values], maxBins, (sizeBytes) => new ArrayBuffer(sizeBytes));
        const expected = [...values].map((value) =>
          Number.isNaN(value) ? missingBin(cuts[0]!) : cuts[0]!.filter((cut) => value > cut).length,
        );
        expect([...bins]).toEqual(expected);
        expect(missingBin(cuts[0]!)).toBeLessThan(maxBins);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanNumbers } from "../../../../functions/core/monitor/scan-numbers.ts";

function scan(outputs: object, name: string, max = 4): number[] {
  const into = new Float64Array(max);
  return [...into.subarray(0, scanNumbers(JSON.stringify(outputs), `${JSON.stringify(name)}:`, into))];
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("a scan of outputs", () => {
  it("reads the number at a name to thirteen digits, whatever stands around it", () => {
    fc.assert(
      fc.property(fc.string(), number, fc.array(fc.string()), (text, value, list) => {
        const [got] = scan(
          { [`${text}a`]: text, list, "the score": value, last: [1, 'score":'] },
          "the score",
        );
        expect(Math.abs(got! - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-13 + 1e-290);
      }),
    );
  });

  it("reads the first numbers of a list", () => {
    expect(scan({ label: "a", scores: [0.25, -1.5e-7, 3, 4, 5] }, "scores")).toEqual([0.25, -1.5e-7, 3, 4]);
    expect(scan({ scores: [0.25] }, "scores")).toEqual([0.25]);
    expect(scan({ scores: [] }, "scores")).toEqual([]);
  });

  it("reads 64-bit integers that are written as text", () => {
    const [got] = scan({ score: "-9223372036854775807" }, "score");
    expect(got! / -(2 ** 63)).toBeCloseTo(1, 12);
    expect(scan({ scores: ["12", 7] }, "scores")).toEqual([12, 7]);
  });

  it("finds nothing in a text, or under a name that only stands in a text", () => {
    expect(scan({ score: "high" }, "score")).toEqual([]);
    expect(scan({ note: '"score":5', other: 1 }, "score")).toEqual([]);
    expect(scan({ note: '"score":5', score: 6 }, "score")).toEqual([6]);
    expect(scan({ 'a"b': 6 }, 'a"b')).toEqual([6]);
  });
});

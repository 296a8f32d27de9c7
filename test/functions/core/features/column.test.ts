import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { featureProblems } from "../../../../functions/core/features/column.ts";
import { compileFeatures, type Declared, encodeValue, parseFeatures } from "./encode-event.ts";

type Feature = Declared[string];

describe("a scalar feature", () => {
  it.each<[string, Feature, string, number]>([
    ["a number as it is", {}, "12.5", 12.5],
    ["a number said to be one", { as: "number" }, "-3", -3],
    ["true as 1", { as: "boolean" }, "true", 1],
    ["false as 0", { as: "boolean" }, "false", 0],
    ["the hour of a time in UTC", { as: "hourOfDay" }, '"2001-01-31T06:44:00Z"', 6],
    ["the last instant of an hour", { as: "hourOfDay" }, '"2001-01-31T23:59:59.999Z"', 23],
    ["midnight", { as: "hourOfDay" }, '"2001-01-31T00:00:00Z"', 0],
    ["the hour of a zoned time, in UTC", { as: "hourOfDay" }, '"2001-01-31T01:00:00+02:00"', 23],
    ["the hour of epoch seconds", { as: "hourOfDay" }, "980923440", 6],
    ["the hour of epoch milliseconds", { as: "hourOfDay" }, "980923440000", 6],
    ["the hour before the epoch", { as: "hourOfDay" }, '"1969-12-31T23:00:00Z"', 23],
    ["Thursday, 1 January 1970, as 4", { as: "dayOfWeek" }, '"1970-01-01"', 4],
    ["the day before as Wednesday, 3", { as: "dayOfWeek" }, '"1969-12-31"', 3],
    ["a Sunday as 0", { as: "dayOfWeek" }, '"2001-02-04T23:59:59Z"', 0],
    ["a Saturday as 6", { as: "dayOfWeek" }, '"2001-02-03"', 6],
    ["a place in a list", { as: { index: ["a", 1, true] } }, '"a"', 0],
    ["a listed number", { as: { index: ["a", 1, true] } }, "1", 1],
    ["a listed boolean", { as: { index: ["a", 1, true] } }, "true", 2],
    ["a value that is not listed, where said", { as: { index: ["a"], unknown: -1 } }, '"b"', -1],
    ["text that looks like a listed number as unknown", { as: { index: [1], unknown: -1 } }, '"1"', -1],
    ["a value at the least allowed", { min: 0, max: 6000 }, "0", 0],
    ["a value at the most allowed", { min: 0, max: 6000 }, "6000", 6000],
    ["below a clip", { as: { clip: { min: 0, max: 1 } } }, "-5", 0],
    ["above a clip", { as: { clip: { min: 0, max: 1 } } }, "1.5", 1],
    ["within a clip", { as: { clip: { min: 0, max: 1 } } }, "0.25", 0.25],
    ["a clip without an upper end", { as: { clip: { min: 0 } } }, "1e300", 1e300],
    ["a number too large for JSON, clipped", { as: { clip: { max: 10 } } }, "1e999", 10],
    ["the lower end of a scale as 0", { as: { scale: { min: 10, max: 30 } } }, "10", 0],
    ["the upper end of a scale as 1", { as: { scale: { min: 10, max: 30 } } }, "30", 1],
    ["beyond a scale, unclipped", { as: { scale: { min: 10, max: 30 } } }, "35", 1.25],
    ["standard deviations from the mean", { as: { standardise: { mean: 5, std: 2 } } }, "2", -1.5],
    ["the natural logarithm", { as: { log: { plus: 0 } } }, "1", 0],
    ["the logarithm of one more", { as: { log: { plus: 1 } } }, "0", 0],
    ["below the first edge", { as: { bucket: [0, 10] } }, "-0.001", 0],
    ["an edge as reached", { as: { bucket: [0, 10] } }, "0", 1],
    ["between edges", { as: { bucket: [0, 10] } }, "9.999", 1],
    ["the last edge as reached", { as: { bucket: [0, 10] } }, "10", 2],
    [
      "steps in the order written",
      { as: [{ scale: { min: 0, max: 10 } }, { clip: { max: 1 } }, { bucket: [1] }] },
      "50",
      1,
    ],
    [
      "steps after a reading",
      { as: ["hourOfDay", { scale: { min: 0, max: 24 } }] },
      '"2001-01-31T06:00:00Z"',
      0.25,
    ],
  ])("reads %s", (_, feature, json, expected) => {
    expect(encodeValue(feature, json)).toEqual([expected]);
  });

  it("takes the default for what is missing or null, and sends it through the steps", () => {
    expect(encodeValue({ default: 7 }, undefined)).toEqual([7]);
    expect(encodeValue({ default: 7 }, "null")).toEqual([7]);
    expect(encodeValue({ default: 7 }, "8")).toEqual([8]);
    expect(encodeValue({ default: 7, as: { scale: { min: 0, max: 14 } } }, undefined)).toEqual([0.5]);
    expect(encodeValue({ default: 3, as: { index: ["a"] } }, "null")).toEqual([3]);
    expect(encodeValue({ default: 12, as: "hourOfDay" }, undefined)).toEqual([12]);
  });

  it.each<[string, Feature, string | undefined, string, string]>([
    [
      "a missing value",
      {},
      undefined,
      "input.missing",
      'got nothing at "x", expected a number; send it or set a default',
    ],
    [
      "null",
      { min: 0 },
      "null",
      "input.missing",
      'got null at "x", expected a number of at least 0; send it or set a default',
    ],
    [
      "text",
      { min: 0, max: 6000 },
      '"far"',
      "input.type",
      'got "far", expected a number from 0 to 6000; fix the producer',
    ],
    ["text that spells NaN", {}, '"NaN"', "input.type", 'got "NaN", expected a number; fix the producer'],
    ["text that spells a number", {}, '"12"', "input.type", 'got "12", expected a number; fix the producer'],
    ["a boolean for a number", {}, "true", "input.type", "got true, expected a number; fix the producer"],
    ["an object", {}, '{"a":1}', "input.type", "got an object, expected a number; fix the producer"],
    ["a list", {}, "[1]", "input.type", "got a list of 1, expected a number; fix the producer"],
    [
      "what has a default but cannot be read",
      { default: 0 },
      '""',
      "input.type",
      'got "", expected a number; fix the producer',
    ],
    [
      "one below the least",
      { min: 0, max: 6 },
      "-1",
      "input.range",
      "got -1, expected a number from 0 to 6; fix the producer or clip the feature",
    ],
    [
      "one above the most",
      { max: 6 },
      "6.5",
      "input.range",
      "got 6.5, expected a number of at most 6; fix the producer or clip the feature",
    ],
    [
      "a number too large for JSON",
      {},
      "1e999",
      "input.range",
      "got Infinity, expected a finite number; fix the producer or clip the feature",
    ],
    [
      "its negative",
      {},
      "-1e999",
      "input.range",
      "got -Infinity, expected a finite number; fix the producer or clip the feature",
    ],
    [
      "a number for a boolean",
      { as: "boolean" },
      "1",
      "input.type",
      "got 1, expected true or false; fix the producer",
    ],
    [
      "what is no time",
      { as: "hourOfDay" },
      '"noon"',
      "input.type",
      'got "noon", expected an instant (ISO 8601 text, or epoch seconds or milliseconds); fix the producer',
    ],
    [
      "a value that is not listed",
      { as: { index: ["a", "b"] } },
      '"c"',
      "input.range",
      'got "c", expected one of the 2 listed values; fix the producer or set "unknown"',
    ],
    [
      "an object for a category",
      { as: { index: ["a", "b"], unknown: 0 } },
      "{}",
      "input.type",
      "got an object, expected one of the 2 listed values; fix the producer",
    ],
    [
      "an object to be hashed",
      { as: { hash: { buckets: 2 } } },
      "[]",
      "input.type",
      "got a list of 0, expected a string, a number or a boolean; fix the producer",
    ],
    [
      "the logarithm of zero",
      { as: { log: { plus: 0 } } },
      "0",
      "input.range",
      "got 0, whose transform gives no value the model can take (a finite number); fix the producer or bound the feature",
    ],
    [
      "the logarithm of less",
      { as: { log: { plus: 1 } } },
      "-1.5",
      "input.range",
      "got -1.5, whose transform gives no value the model can take (a finite number); fix the producer or bound the feature",
    ],
  ])("refuses %s, and says what, got, allowed and fix", (_, feature, json, code, message) => {
    expect(encodeValue(feature, json)).toEqual({ code, message: `feature "x": ${message}` });
  });
});

describe("one-hot", () => {
  const feature: Feature = { as: { oneHot: ["a", 2, false] } };

  it("gives one column per value", () => {
    expect(encodeValue(feature, '"a"')).toEqual([1, 0, 0]);
    expect(encodeValue(feature, "2")).toEqual([0, 1, 0]);
    expect(encodeValue(feature, "false", "bool")).toEqual([0, 0, 1]);
    expect(encodeValue(feature, "2", "int64")).toEqual([0n, 1n, 0n]);
  });

  it("gives zeros for what is unknown, missing or null, where said", () => {
    const lenient: Feature = { as: { oneHot: ["a", "b"], unknown: "zeros" } };
    for (const json of ['"c"', "null", undefined, "7"]) expect(encodeValue(lenient, json)).toEqual([0, 0]);
    expect(encodeValue(lenient, "[]")).toMatchObject({ code: "input.type" });
  });

  it("refuses what is unknown or missing otherwise", () => {
    expect(encodeValue(feature, '"c"')).toEqual({
      code: "input.range",
      message: 'feature "x": got "c", expected one of the 3 listed values; fix the producer or set "unknown"',
    });
    expect(encodeValue(feature, undefined)).toEqual({
      code: "input.missing",
      message:
        'feature "x": got nothing at "x", expected one of the 3 listed values; send it or set "unknown"',
    });
  });

  it("clears what the row before had left", () => {
    const { encode } = compileFeatures({ x: feature, y: {} }, [
      { name: "in", type: "float32", shape: [null, 4] },
    ]);
    expect(encode('{"x":"a","y":5}')).toEqual([[1, 0, 0, 5]]);
    expect(encode('{"x":2,"y":6}')).toEqual([[0, 1, 0, 6]]);
  });
});

describe("a tensor feature", () => {
  const feature: Feature = { shape: [2, 3], min: -1, max: 9 };

  it("takes nested and flat lists alike, row-major", () => {
    expect(encodeValue(feature, "[[1,2,3],[4,5,6]]")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(encodeValue(feature, "[1,2,3,4,5,6]")).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("transforms every element, and fills itself with its default", () => {
    const scaled: Feature = {
      shape: [3],
      as: [{ clip: { min: 0, max: 10 } }, { scale: { min: 0, max: 10 } }],
      default: 5,
    };
    expect(encodeValue(scaled, "[-1,5,11]")).toEqual([0, 0.5, 1]);
    expect(encodeValue(scaled, "null")).toEqual([0.5, 0.5, 0.5]);
  });

  it.each<[string, string | undefined, string, string]>([
    [
      "nothing",
      undefined,
      "input.missing",
      'feature "x": got nothing at "x", expected a list of shape [2, 3] or of 6 numbers from -1 to 9; send it or set a default',
    ],
    [
      "a list too short",
      "[1,2,3,4,5]",
      "input.shape",
      'feature "x": got a list of 5, expected a list of shape [2, 3] or of 6 numbers from -1 to 9; fix the producer',
    ],
    [
      "another shape",
      "[[1,2],[3,4],[5,6]]",
      "input.shape",
      'feature "x": got a list of 3, expected a list of shape [2, 3] or of 6 numbers from -1 to 9; fix the producer',
    ],
    [
      "text within",
      '[1,2,3,4,5,"6"]',
      "input.shape",
      'feature "x": got a list of 6, expected a list of shape [2, 3] or of 6 numbers from -1 to 9; fix the producer',
    ],
    [
      "a number",
      "1",
      "input.shape",
      'feature "x": got 1, expected a list of shape [2, 3] or of 6 numbers from -1 to 9; fix the producer',
    ],
    [
      "an element out of range",
      "[1,2,3,4,5,10]",
      "input.range",
      'feature "x": got 10 at position 5, expected a list of shape [2, 3] or of 6 numbers from -1 to 9 (a finite number); fix the producer or clip the feature',
    ],
  ])("refuses %s", (_, json, code, message) => {
    expect(encodeValue(feature, json)).toEqual({ code, message });
  });

  it("refuses an element that the input cannot hold", () => {
    expect(encodeValue({ shape: [2] }, "[1,1e999]")).toEqual({
      code: "input.range",
      message:
        'feature "x": got an element whose transform gives no value the model can take, expected a list of shape [2] or of 2 numbers (a finite number); fix the producer or clip the feature',
    });
    expect(encodeValue({ shape: [2] }, "[1,2.5]", "int32")).toMatchObject({ code: "input.range" });
  });
});

describe("featureProblems", () => {
  it.each<[Feature, string]>([
    [
      { as: [{ clip: {} }, "number"] },
      'a reading (number, boolean, hourOfDay, dayOfWeek, index, oneHot, hash) can only stand first in "as"',
    ],
    [{ as: [{ oneHot: ["a"] }, { clip: {} }] }, "nothing can follow oneHot"],
    [{ as: { oneHot: ["a"] }, default: 0 }, "oneHot takes no default; a missing value counts as unknown"],
    [{ as: "boolean", min: 0 }, "min and max apply to numbers only; remove them"],
    [{ as: { hash: { buckets: 2 } }, max: 0 }, "min and max apply to numbers only; remove them"],
    [{ min: 2, max: 1 }, "min must not exceed max"],
    [{ as: "hourOfDay", shape: [2] }, "a tensor takes only clip, scale, standardise, log and bucket"],
    [{ min: 1, default: 0 }, "default must lie within min and max"],
  ])("finds %j: %s", (feature, message) => {
    expect(featureProblems("x", parseFeatures({ x: feature }).x!)).toEqual([`feature "x": ${message}`]);
  });

  it("finds several at once, and nothing at the boundaries", () => {
    const all = parseFeatures({ x: { as: [{ oneHot: ["a"] }, "number"], default: 1, min: 2, max: 1 } }).x!;
    expect(featureProblems("x", all)).toHaveLength(5);
    for (const sound of [
      { min: 1, max: 1, default: 1 },
      { as: ["number" as const, { clip: {} }], min: 0 },
    ])
      expect(featureProblems("x", parseFeatures({ x: sound }).x!)).toEqual([]);
  });
});

describe("any feature", () => {
  it("gives what its steps say by hand, or a problem, and never a number that is not finite", () => {
    const step = fc.oneof(
      fc.record({ scale: fc.record({ min: fc.constant(-4), max: fc.integer({ min: -3, max: 9 }) }) }),
      fc.record({ standardise: fc.record({ mean: fc.integer(), std: fc.integer({ min: 1, max: 9 }) }) }),
      fc.record({ clip: fc.record({ min: fc.constant(-2), max: fc.integer({ min: -2, max: 9 }) }) }),
      fc.record({ log: fc.record({ plus: fc.integer({ min: -2, max: 9 }) }) }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 4 }),
        fc.double({ noNaN: true }),
        (steps, value) => {
          const json = Number.isFinite(value) ? JSON.stringify(value) : value > 0 ? "1e999" : "-1e999";
          const expected = steps.reduce(byHand, JSON.parse(json) as number);
          const got = encodeValue({ as: steps }, json);
          if (Number.isFinite(expected)) expect((got as number[])[0]).toBeCloseTo(expected, 9);
          else expect(got).toMatchObject({ code: "input.range" });
        },
      ),
      { numRuns: 1000 },
    );
  });
});

type NumericStep =
  | { scale: { min: number; max: number } }
  | { standardise: { mean: number; std: number } }
  | { clip: { min: number; max: number } }
  | { log: { plus: number } };

function byHand(value: number, step: NumericStep): number {
  if ("scale" in step) return (value - step.scale.min) / (step.scale.max - step.scale.min);
  if ("standardise" in step) return (value - step.standardise.mean) / step.standardise.std;
  // Zero has no logarithm here: an event must not become minus infinity, which a clip would hide.
  if ("log" in step) return value + step.log.plus > 0 ? Math.log(value + step.log.plus) : Number.NaN;
  const { min, max } = step.clip;
  return value < min ? min : value > max ? max : value;
}

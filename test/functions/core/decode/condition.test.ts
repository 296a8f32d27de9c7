import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCondition } from "../../../../functions/core/decode/condition.ts";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";

type Scalar = string | number | boolean;
type Condition = Parameters<typeof compileCondition>[0];

function meets(condition: Condition, ...events: unknown[]): boolean[] {
  const index = createFieldIndex();
  const matches = compileCondition(condition, index);
  const reader = createEventReader(index.specs);
  return events.map((event) => {
    reader.read(Buffer.from(JSON.stringify(event)));
    return matches(reader.fields);
  });
}

describe("condition", () => {
  it("holds for every event where nothing is asked", () => {
    expect(meets({}, {}, { a: 1 })).toEqual([true, true]);
  });

  it("holds where the value is the one given", () => {
    expect(meets({ type: "departure" }, { type: "departure" }, { type: "arrival" }, {})).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("holds where the value is one of those given, and on all paths at once", () => {
    const condition = { "a.b": ["x", 1], c: true };
    expect(
      meets(
        condition,
        { a: { b: "x" }, c: true },
        { a: { b: 1 }, c: true },
        { a: { b: "x" }, c: false },
        { a: { b: 2 }, c: true },
        { a: "x", c: true },
        { "a.b": "x", c: true },
      ),
    ).toEqual([true, true, false, false, false, false]);
  });

  it.each([
    [1, "1"],
    [true, "true"],
    [true, 1],
    [false, 0],
    ["", false],
    ["null", null],
  ] as const)("tells %j from %j: values are compared with their type", (given, got) => {
    expect(meets({ a: given }, { a: got }, { a: given })).toEqual([false, true]);
  });

  it("does not hold for null, lists and objects", () => {
    expect(meets({ a: ["x", 0, false] }, { a: null }, { a: ["x"] }, { a: {} })).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("agrees with strict equality over the parsed event", () => {
    const scalar: fc.Arbitrary<Scalar> = fc.oneof(
      fc.constantFrom("a", "b", ""),
      fc.integer({ min: -1, max: 1 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("p", "q", "r"),
          fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 })),
        ),
        fc.array(fc.dictionary(fc.constantFrom("p", "q", "r"), fc.oneof(scalar, fc.constant(null))), {
          minLength: 1,
          maxLength: 5,
        }),
        (condition, events) => {
          const expected = events.map((event) =>
            Object.entries(condition).every(([key, allowed]) =>
              [allowed].flat().some((each) => each === event[key]),
            ),
          );
          expect(meets(condition, ...events)).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });
});

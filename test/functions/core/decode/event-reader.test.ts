import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import {
  createFields,
  FieldKind,
  type FieldSpec,
  type Fields,
} from "../../../../functions/core/decode/fields.ts";
import { fillFromJson } from "../../../../functions/core/decode/json-fields.ts";
import { createShapeScanner } from "../../../../functions/core/decode/shape-scanner.ts";
import { templateOf } from "../../../../functions/core/decode/shape-template.ts";

const specs: FieldSpec[] = [
  { path: ["a"] },
  { path: ["b"] },
  { path: ["deep", "c"] },
  { path: ["vector"], shape: [4] },
  { path: ["matrix"], shape: [2, 3] },
];

/** What `fields` says, as plain values that can be compared; NaN and -0 keep their identity. */
function snapshot(fields: Fields): unknown[] {
  return specs.map((_, field) => {
    switch (fields.kinds[field]) {
      case FieldKind.number:
        return fields.numbers[field];
      case FieldKind.string:
        return fields.strings[field];
      case FieldKind.tensor:
        return [...fields.tensors[field]!];
      default:
        return `kind ${fields.kinds[field]}`;
    }
  });
}

/** The oracle: JSON.parse and a plain walk, no shapes. */
function readPlainly(text: string): unknown[] {
  const fields = createFields(specs);
  fillFromJson(JSON.parse(text), specs, fields);
  return snapshot(fields);
}

const scalar = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.integer(),
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.boolean(),
  fc.constant(null),
);
const vector = fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { minLength: 3, maxLength: 5 });
const event = fc.record(
  {
    a: fc.oneof(scalar, vector),
    b: scalar,
    deep: fc.oneof(scalar, fc.record({ c: scalar, other: scalar }, { requiredKeys: [] })),
    vector: fc.oneof(vector, scalar, fc.array(vector)),
    matrix: fc.oneof(
      fc.array(
        fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { minLength: 3, maxLength: 3 }),
        { minLength: 2, maxLength: 2 },
      ),
      vector,
      fc.array(fc.integer(), { minLength: 6, maxLength: 6 }),
    ),
    extra: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe("event reader", () => {
  it("reads any sequence of events exactly as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), fc.nat(2), (events, indent) => {
        const reader = createEventReader(specs);
        for (const each of [...events, ...events]) {
          const text = JSON.stringify(each, null, indent);
          reader.read(Buffer.from(text));
          expect(snapshot(reader.fields)).toEqual(readPlainly(text));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("gives the bits that JSON.parse gives for every way to write a number", () => {
    const digit = fc.constantFrom(..."0123456789");
    const digits = (max: number) =>
      fc.array(digit, { minLength: 1, maxLength: max }).map((each) => each.join(""));
    const number = fc
      .tuple(
        fc.constantFrom("", "-"),
        digits(20),
        fc.option(digits(22)),
        fc.option(fc.tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), digits(3))),
      )
      .map(
        ([sign, whole, fraction, exponent]) =>
          `${sign}${whole}${fraction === null ? "" : `.${fraction}`}${exponent?.join("") ?? ""}`,
      );
    const scanner = scannerFor('{"a":1}');
    fc.assert(
      fc.property(number, (written) => {
        const text = `{"a":${written}}`;
        const expected = parsed(text);
        if (expected === undefined) expect(scanner.scan(text)).toBeUndefined();
        else
          expect(scanner.scan(text)).toSatisfy(
            (got: unknown[] | undefined) => got === undefined || Object.is(got[0], expected),
          );
      }),
      { numRuns: 20_000 },
    );
    expect(scanner.scan('{"a":0.1074499562382698}')?.[0]).toBe(0.1074499562382698);
    expect(scanner.scan('{"a":-0}')?.[0]).toBe(-0);
  });

  it("never accepts a mutated event that JSON.parse refuses, nor reads one differently", () => {
    const base =
      '{"a":12.5,"b":"text","deep":{"c":true,"x":[1,2]},"vector":[1,2,3,4],"matrix":[[1,2,3],[4,5,6]]}';
    const scanner = scannerFor(base);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length), fc.nat(2), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (edits) => {
          const bytes = [...Buffer.from(base)];
          for (const [at, remove, byte] of edits) bytes.splice(at, remove, byte);
          const buffer = Buffer.from(bytes);
          const got = scanner.scan(buffer);
          if (got === undefined) return;
          expect(got).toEqual(readPlainly(new TextDecoder("utf-8", { fatal: true }).decode(buffer)));
        },
      ),
      { numRuns: 20_000 },
    );
    expect(scanner.scan(base)).toBeDefined();
  });

  it("uses the shape of the events before, and finds each of several shapes again", () => {
    const template = templateOf(Buffer.from('{ "a": 1, "b": "x" }'), specs)!;
    expect(template.literals.map(String)).toEqual(['{ "a": ', ', "b": ', " }"]);
    expect([...template.fieldOf]).toEqual([0, 1]);
  });

  it.each([
    ['{"a":1,"a":2}', "a key that occurs twice"],
    ['{"a\\u0062":1}', "an escaped key"],
    ['{"b":"é"}', "text beyond ASCII"],
    ['{"a":{"x":1}}', "an object where a field stands"],
    ['{"vector":[1,2,3]}', "a list of the wrong length where a tensor stands"],
    ['{"vector":[[1,2],[3,4]]}', "a list nested otherwise than the tensor"],
    [`${"[".repeat(100)}${"]".repeat(100)}`, "deep nesting"],
  ])("makes no shape of %s (%s)", (text) => {
    expect(templateOf(Buffer.from(text), specs)).toBeUndefined();
  });

  it.each([
    ["", "got an empty record"],
    ["{", "got text that is not JSON"],
    ["[1]", "got a list"],
    ["7", "got a number"],
    ["null", "got null"],
  ])("refuses %j with a message that says what was got", (text, message) => {
    expect(() => createEventReader(specs).read(Buffer.from(text))).toThrow(message);
  });

  it("refuses bytes that are not UTF-8, and does not blame a byte-order mark on the producer's text", () => {
    expect(() => createEventReader(specs).read(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow("not UTF-8");
    expect(() => createEventReader(specs).read(Buffer.from("\uFEFF{}"))).toThrow("not JSON");
  });

  it("does not follow inherited keys", () => {
    const reader = createEventReader([{ path: ["constructor"] }, { path: ["__proto__", "x"] }]);
    reader.read(Buffer.from("{}"));
    expect([...reader.fields.kinds]).toEqual([FieldKind.missing, FieldKind.missing]);
    reader.read(Buffer.from('{"__proto__":{"x":3}}'));
    expect(reader.fields.numbers[1]).toBe(3);
  });
});

function scannerFor(text: string) {
  const fields = createFields(specs);
  const scanner = createShapeScanner(templateOf(Buffer.from(text), specs)!, fields);
  return {
    scan: (input: string | Buffer) => (scanner.scan(Buffer.from(input)) ? snapshot(fields) : undefined),
  };
}

function parsed(text: string): unknown {
  try {
    return (JSON.parse(text) as { a: unknown }).a;
  } catch {
    return undefined;
  }
}

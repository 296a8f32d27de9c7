import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fromWire, toWire } from "../../../../functions/adapters/aws/attribute-wire.ts";

const { value: values } = fc.letrec<{ value: AttributeValue; values: AttributeValue[] }>((tie) => ({
  values: fc.array(tie("value"), { maxLength: 4 }),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.record({ S: fc.string({ unit: "binary" }) }),
    fc.record({ N: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) }),
    fc.record({ B: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ NULL: fc.constant(true as const) }),
    fc.record({ SS: fc.array(fc.string()) }),
    fc.record({ BS: fc.array(fc.uint8Array({ maxLength: 9 })) }),
    fc.record({ L: tie("values") }),
    fc.record({ M: fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true }) }),
  ),
}));
/** Members named as types are, and one that objects of JavaScript have a sense of their own for. */
const names = fc.oneof(fc.string(), fc.constantFrom("B", "M", "L", "BS", "__proto__", "constructor"));
const items = fc
  .array(fc.tuple(names, values), { maxLength: 6 })
  .map((members): Record<string, AttributeValue> => Object.fromEntries(members));

it("bytes go as base64 and come back as they were, whatever stands round them", () => {
  fc.assert(
    fc.property(items, (item) => {
      expect(fromWire(JSON.parse(toWire(item)))).toEqual(item);
    }),
  );
});

it("everything but bytes goes as JSON has it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(toWire(value)).toBe(JSON.stringify(value));
    }),
  );
});

it("writes a view of a larger buffer only, and leaves out what is undefined", () => {
  const view = new Uint8Array([9, 251, 255, 9]).subarray(1, 3);
  expect(toWire({ Key: { a: { B: view } }, Limit: undefined, Keys: [] })).toBe(
    '{"Key":{"a":{"B":"+/8="}},"Keys":[]}',
  );
});

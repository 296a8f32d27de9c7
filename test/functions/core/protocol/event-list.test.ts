import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { httpLimits } from "../../../../functions/contract/http.ts";
import { InputError } from "../../../../functions/core/errors.ts";
import { splitEvents } from "../../../../functions/core/protocol/event-list.ts";

function split(text: string): string[] {
  return splitEvents(Buffer.from(text)).map(String);
}

const space = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 3 });

describe("splitEvents", () => {
  it("finds each value of the list as its own text, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.array(fc.json(), { minLength: 1, maxLength: 8 }), space, space, (events, a, b) => {
        const list = events.map((event) => `${a}${event}${b}`).join(",");
        expect(split(`${a}{${b}"events"${a}:${b}[${list}]${a}}${b}`)).toEqual(events);
      }),
      { numRuns: 1_000 },
    );
  });

  it("agrees with JSON on every text that is such a request, and takes no other but for what an event holds", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      '"events"',
      '{"events":[',
      "]}",
      "1",
      "\\",
      " ",
      "x",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        let parsed: { events?: unknown[] } | undefined;
        try {
          parsed = JSON.parse(text) as typeof parsed;
        } catch {}
        const isRequest =
          parsed !== null &&
          typeof parsed === "object" &&
          Object.keys(parsed).join() === "events" &&
          Array.isArray(parsed.events) &&
          parsed.events.length > 0;
        let events: string[] | undefined;
        try {
          events = split(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
        // JSON takes the last of equal keys; here they are refused.
        const isTwice = isRequest && events === undefined && text.split('"events"').length > 2;
        if (isRequest && !isTwice) expect(events?.map((event) => JSON.parse(event))).toEqual(parsed!.events);
        else if (events !== undefined) expect(() => events.map((event) => JSON.parse(event))).toThrow();
      }),
      { numRuns: 20_000 },
    );
  });

  it("keeps a broken event apart from its neighbours", () => {
    expect(split('{"events":[{"a":1},{"b":tru},nonsense,{"c":"]}"}]}')).toEqual([
      '{"a":1}',
      '{"b":tru}',
      "nonsense",
      '{"c":"]}"}',
    ]);
  });

  it.each([
    ["", 'expected "{" at its end'],
    ["[]", 'expected "{" at byte 0'],
    ['{"event":[]}', 'expected the key "events"'],
    ['{"events":{}}', 'expected "["'],
    ['{"events":[]}', "expected an event"],
    ['{"events":[1,]}', "expected an event"],
    ['{"events":[1 2]}', 'expected "]"'],
    ['{"events":[1],"more":2}', 'expected "}"'],
    ['{"events":[1]}x', "expected nothing more"],
    ['{"events":[{"a":1}', 'expected "]" at its end'],
    ['{"events":[{"a":', "expected the end of an event"],
    ['{"events":[{"a":"x', "expected the end of a string"],
    ['{"events":["\\', "expected the end of a string"],
  ])("says where %s goes wrong", (text, message) => {
    expect(() => split(text)).toThrow(message);
  });

  it("takes as many events as are allowed, and not one more", () => {
    const request = (count: number) => `{"events":[${Array.from({ length: count }, () => "{}").join(",")}]}`;
    expect(split(request(httpLimits.rows))).toHaveLength(httpLimits.rows);
    expect(() => split(request(httpLimits.rows + 1))).toThrow(/expected at most 10000/);
  });

  it("does not run out of stack on lists a million deep", () => {
    const deep = "[".repeat(1_000_000);
    expect(() => split(`{"events":[${deep}`)).toThrow(InputError);
    expect(split(`{"events":[${deep}${"]".repeat(1_000_000)}]}`)).toHaveLength(1);
  });
});

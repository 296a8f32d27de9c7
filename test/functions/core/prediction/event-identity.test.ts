import { describe, expect, it } from "vitest";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import {
  compileIdentity,
  type IdentitySource,
} from "../../../../functions/core/prediction/event-identity.ts";

function identify(event: { id?: string; time?: string; entity?: string }, text: string) {
  const index = createFieldIndex();
  const identity = compileIdentity({ event }, index);
  const reader = createEventReader(index.specs);
  reader.read(Buffer.from(text));
  return identity.read(reader.fields);
}

const full = { id: "flight", time: "departs", entity: "origin" };
const idExpected = "a string of 1 to 256 characters, or a number within ±9007199254740991";

describe("event identity", () => {
  it("reads id, time and entity where the package says they stand", () => {
    expect(identify(full, '{"flight":"0163764","departs":"2001-01-31T06:44:00Z","origin":"ORD"}')).toEqual({
      id: "0163764",
      timeMs: Date.UTC(2001, 0, 31, 6, 44),
      entity: "ORD",
    });
  });

  it("takes the id for the entity where none is named, and knows nothing that is not named", () => {
    expect(identify({ id: "n" }, '{"n":12}')).toEqual({ id: "12", timeMs: undefined, entity: "12" });
    expect(identify({}, "{}")).toEqual({ id: undefined, timeMs: undefined, entity: undefined });
    expect(identify({ entity: "e" }, '{"e":"x"}')).toEqual({ id: undefined, timeMs: undefined, entity: "x" });
  });

  it("says everything that is wrong at once", () => {
    expect(identify(full, '{"departs":"soon","origin":{}}')).toEqual([
      {
        code: "input.missing",
        message: `event id: got nothing at "flight", expected ${idExpected}; fix the producer`,
      },
      {
        code: "input.type",
        message:
          'event time: got "soon" at "departs", expected an instant (ISO 8601 text, or epoch seconds or milliseconds); fix the producer',
      },
      {
        code: "input.type",
        message: `event entity: got an object at "origin", expected ${idExpected}; fix the producer`,
      },
    ]);
    expect(identify(full, '{"flight":null,"departs":null,"origin":null}')).toMatchObject(
      Array.from({ length: 3 }, () => ({ code: "input.missing" })),
    );
  });

  it.each([
    ['"x"', "x"],
    [`"${"x".repeat(256)}"`, "x".repeat(256)],
    ['"\\u0000"', "\0"],
    ['"\\ud83d\\ude00"', "😀"],
    ["0", "0"],
    ["-1.5", "-1.5"],
    ["9007199254740991", "9007199254740991"],
  ])("takes the id %s", (json, id) => {
    expect(identify({ id: "i" }, `{"i":${json}}`)).toMatchObject({ id });
  });

  it.each([
    ['""', "text of no characters"],
    [`"${"x".repeat(257)}"`, "one character too many"],
    ["9007199254740992", "a number that others are rounded to"],
    ["-1e999", "a number beyond all"],
    ['"\\ud800"', "half a character, which others would be stored as too"],
    ["true", "a boolean"],
    ["[1]", "a list"],
  ])("refuses the id %s: %s", (json) => {
    expect(identify({ id: "i" }, `{"i":${json}}`)).toMatchObject([{ code: "input.type" }]);
  });
});

describe("a private identity", () => {
  const event = { id: "flight", entity: "origin" };
  const hidden = { id: "hidden 7", entity: "hidden ORD" };

  it.each([
    ["neither", [], { id: "7", entity: "ORD" }],
    ["the id", ["flight"], { id: hidden.id, entity: "ORD" }],
    ["the id where outcomes have it", ["about"], { id: hidden.id, entity: "ORD" }],
    ["the entity", ["origin"], { id: "7", entity: hidden.entity }],
  ])("is concealed where %s is declared", (_, paths, expected) => {
    expect(identifyPrivate({ event, private: paths }, '{"flight":7,"origin":"ORD"}')).toMatchObject(expected);
  });

  it.each([[undefined], ["flight"]])("stands for the entity too where that is the id: %s", (entity) => {
    const source = { event: { id: "flight", ...(entity && { entity }) }, private: ["about.id"] };
    expect(identifyPrivate(source, '{"flight":7}')).toMatchObject({ id: hidden.id, entity: hidden.id });
  });

  it("is not quoted where it is none", () => {
    const problems = identifyPrivate({ event, private: ["about"] }, '{"flight":["4111"],"origin":"ORD"}');
    expect(problems).toMatchObject([
      { code: "input.type", message: expect.stringContaining("a private value") },
    ]);
    expect(identifyPrivate({ event, private: ["about"] }, '{"origin":"ORD"}')).toMatchObject([
      { code: "input.missing", message: expect.stringContaining('got nothing at "flight"') },
    ]);
  });

  function identifyPrivate(source: Omit<IdentitySource, "outcome">, text: string) {
    const index = createFieldIndex();
    const identity = compileIdentity(
      { ...source, outcome: { id: "about.id" } },
      index,
      (value) => `hidden ${value}`,
    );
    const reader = createEventReader(index.specs);
    reader.read(Buffer.from(text));
    return identity.read(reader.fields);
  }
});

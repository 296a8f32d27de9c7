import { describe, expect, it } from "vitest";
import { type ModelPackage, modelPackage } from "../../../../functions/contract/model-package.ts";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import { InvariantError } from "../../../../functions/core/errors.ts";
import { compileOutcome, type OutcomeOptions } from "../../../../functions/core/outcome/outcome-program.ts";

const arrival = {
  on: { type: "arrival" },
  id: "flight",
  time: "arrives",
  label: { from: "delay", above: 15 },
  within: "48h",
};

function declare(parts: Record<string, unknown> = {}): ModelPackage {
  return modelPackage.parse({
    name: "flights",
    event: { id: "flight" },
    features: { distance: { from: "distance" } },
    outputs: { probability: { from: "probabilities" } },
    outcome: arrival,
    ...parts,
  });
}

function read(pkg: ModelPackage, event: unknown, options?: OutcomeOptions) {
  const index = createFieldIndex();
  const program = compileOutcome(pkg, index, options)!;
  const reader = createEventReader(index.specs);
  reader.read(Buffer.from(typeof event === "string" ? event : JSON.stringify(event)));
  return program.isOutcome(reader.fields) ? program.read(reader.fields) : "no outcome";
}

const labelled = (label: unknown) => declare({ outcome: { ...arrival, time: undefined, label } });
const labelOf = (label: unknown, value: unknown) => {
  const fact = read(labelled(label), { type: "arrival", flight: "1", delay: value });
  return "label" in Object(fact) ? (fact as { label: number }).label : fact;
};
const codeOf = (label: unknown, value: unknown) => (labelOf(label, value) as { code: string }[])[0]?.code;

describe("a package's own outcome events", () => {
  it("give the id, the time and the truth where the package says they stand", () => {
    const event = { type: "arrival", flight: "0163764", arrives: "2001-01-31T09:53:00Z", delay: 25 };
    expect(read(declare(), event)).toEqual({
      eventId: "0163764",
      timeMs: Date.UTC(2001, 0, 31, 9, 53),
      label: 1,
    });
  });

  it("are none where the condition does not hold", () => {
    expect(read(declare(), { type: "departure", flight: "1", delay: 3 })).toBe("no outcome");
  });

  it("read an id as the predicted event's is read, so that the two meet", () => {
    expect(read(labelled({ from: "delay" }), { type: "arrival", flight: 12, delay: 3 })).toEqual({
      eventId: "12",
      timeMs: undefined,
      label: 3,
    });
  });

  it.each([
    [{ above: 15 }, 15, 0],
    [{ above: 15 }, 15.1, 1],
    [{ atLeast: 15 }, 15, 1],
    [{ atLeast: 15 }, 14.9, 0],
    [{ below: 15 }, 15, 0],
    [{ below: 15 }, 14.9, 1],
    [{ atMost: 15 }, 15, 1],
    [{ atMost: 15 }, 15.1, 0],
    [{ is: "late" }, "late", 1],
    [{ is: "late" }, "on time", 0],
    [{ is: [true, 1] }, true, 1],
    [{ is: [true, 1] }, 1, 1],
    [{ is: [true, 1] }, "true", 0],
    [{ classes: ["red", "green", "blue"] }, "blue", 2],
    [{ classes: [0, 1, 2] }, 1, 1],
    [{}, -3.5, -3.5],
  ])("test %j on %j and find %d", (test, value, expected) => {
    expect(labelOf({ from: "delay", ...test }, value)).toBe(expected);
  });

  it.each([
    [{ above: 15 }, undefined, "input.missing"],
    [{ above: 15 }, null, "input.missing"],
    [{ above: 15 }, "25", "input.type"],
    [{ above: 15 }, true, "input.type"],
    [{ is: "late" }, {}, "input.type"],
    [{ is: "late" }, null, "input.missing"],
    [{ classes: ["red", "green"] }, "blue", "input.range"],
    [{ classes: ["1", "2"] }, 1, "input.range"],
    [{ classes: ["red", "green"] }, [], "input.type"],
    [{}, "3", "input.type"],
  ])("refuse %j of %j as %s", (test, value, code) => {
    expect(codeOf({ from: "delay", ...test }, value)).toBe(code);
  });

  it("refuse a number that JSON can write and a double cannot hold", () => {
    const event = '{"type":"arrival","flight":"1","delay":1e999}';
    expect(read(labelled({ from: "delay" }), event)).toMatchObject([{ code: "input.range" }]);
  });

  it("say everything that is wrong at once", () => {
    expect(read(declare(), { type: "arrival", arrives: "soon", delay: "much" })).toEqual([
      {
        code: "input.missing",
        message:
          'outcome id: got nothing at "flight", expected a string of 1 to 256 characters, or a number within ±9007199254740991; fix the producer',
      },
      {
        code: "input.type",
        message:
          'outcome time: got "soon" at "arrives", expected an instant (ISO 8601 text, or epoch seconds or milliseconds); fix the producer',
      },
      {
        code: "input.type",
        message: 'outcome label: got "much" at "delay", expected a finite number; fix the producer',
      },
    ]);
  });

  it("need the time that the package names", () => {
    const problems = read(declare(), { type: "arrival", flight: "1", delay: 3 });
    expect(problems).toMatchObject([{ code: "input.missing" }]);
  });
});

describe("a native outcome event", () => {
  const native = (parts: object) => ({ $outcome: { model: "flights", id: "7", label: true, ...parts } });

  it.each([
    [true, 1],
    [false, 0],
    [1, 1],
    [0, 0],
  ])(
    "says %j of a yes or no, and %d is meant, whatever the package tests its own events for",
    (label, expected) => {
      expect(read(declare(), native({ label }))).toEqual({
        eventId: "7",
        timeMs: undefined,
        label: expected,
      });
    },
  );

  it.each([
    [2, "input.range"],
    ["yes", "input.type"],
    [null, "input.missing"],
  ])("is refused for saying %j of a yes or no", (label, code) => {
    expect(read(declare(), native({ label }))).toMatchObject([{ code }]);
  });

  it("says a class or a number as it is", () => {
    const classes = labelled({ from: "delay", classes: ["red", "green"] });
    expect(read(classes, native({ label: "green" }))).toMatchObject({ label: 1 });
    expect(read(labelled({ from: "delay" }), native({ label: 2.5 }))).toMatchObject({ label: 2.5 });
  });

  it("may say when", () => {
    expect(read(declare(), native({ time: 1_000_000_000 }))).toMatchObject({ timeMs: 1e12 });
    expect(read(declare(), native({ time: null }))).toMatchObject({ timeMs: undefined });
    expect(read(declare(), native({ time: "soon" }))).toMatchObject([{ code: "input.type" }]);
  });

  it("is none for another model, even where that takes every event for an outcome", () => {
    const all = declare({ outcome: { ...arrival, on: {} } });
    expect(read(all, native({ model: "others" }))).toBe("no outcome");
    expect(read(all, native({}))).toMatchObject({ eventId: "7" });
  });

  it("is judged by the package's own rule where it names no model", () => {
    expect(read(declare(), { $outcome: { id: "7", label: true } })).toBe("no outcome");
  });
});

describe("a private id", () => {
  const conceal = (id: string) => `concealed ${id.length}`;

  it.each([[["flight"]], [["ref"]]])("is concealed where %j is private", (paths) => {
    const pkg = declare({ outcome: { ...arrival, time: undefined, id: "ref" }, private: paths });
    const event = { type: "arrival", ref: "abc", delay: 20 };
    expect(read(pkg, event, { conceal })).toMatchObject({ eventId: "concealed 3" });
    const native = { $outcome: { model: "flights", id: "abcd", label: 1 } };
    expect(read(pkg, native, { conceal })).toMatchObject({ eventId: "concealed 4" });
  });

  it("is not quoted", () => {
    const long = "secret".repeat(100);
    const pkg = declare({ private: ["flight"] });
    for (const event of [
      { type: "arrival", flight: long, delay: 20, arrives: 1 },
      { $outcome: { model: "flights", id: long, label: 1 } },
    ]) {
      const [problem] = read(pkg, event, { conceal }) as { message: string }[];
      expect(problem?.message).toContain("got a private value");
      expect(problem?.message).not.toContain("secret");
    }
  });

  it("is never let through as it is", () => {
    const pkg = declare({ private: ["flight"] });
    const event = { type: "arrival", flight: "abc", delay: 20, arrives: 1 };
    expect(() => read(pkg, event)).toThrow(InvariantError);
  });
});

describe("compiling an outcome", () => {
  it("gives nothing for a package without one", () => {
    expect(compileOutcome(declare({ outcome: undefined }), createFieldIndex())).toBeUndefined();
  });

  it("knows the class for the position of one, and takes other labels as they are", () => {
    const classes = labelled({ from: "delay", classes: ["red", "green"] });
    expect(compileOutcome(classes, createFieldIndex())?.labelValue(1)).toBe("green");
    expect(compileOutcome(declare(), createFieldIndex())?.labelValue(1)).toBe(1);
    expect(compileOutcome(labelled({ from: "delay" }), createFieldIndex())?.labelValue(1.5)).toBe(1.5);
  });
});

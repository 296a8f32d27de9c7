import ajvDraft04 from "ajv-draft-04";
import { describe, expect, test } from "vitest";
import { synthesise } from "../synthesise.ts";

/** The schemas as they are synthesised, by how their logical ids begin. */
const schemas = new Map(
  [...synthesise().resources].flatMap(([id, { Type, Properties }]) =>
    Type === "AWS::ApiGateway::Model"
      ? [[id.replace(/^serving\/Api(\w+)Request.*/, "$1"), Properties.Schema]]
      : [],
  ),
);

function isAccepted(name: string, body: unknown): boolean {
  return new ajvDraft04.default().validate(schemas.get(name), body);
}

const input = { name: "x", shape: [1, 2], datatype: "FP32", data: [1, 2] };

describe("an infer request", () => {
  test.each([
    [{ inputs: [input] }],
    [{ inputs: [{ ...input, data: [[1], [2]], parameters: {} }], id: "a", parameters: { a: 1 } }],
    [{ inputs: [input], outputs: [{ name: "y" }], unknown: true }],
    // What only the function can tell is let through to it.
    [{ inputs: [{ ...input, datatype: "FP8", shape: ["one"] }] }],
  ])("may be %j", (body) => {
    expect(isAccepted("Infer", body)).toBe(true);
  });

  test.each([
    [[]],
    ["inputs"],
    [{}],
    [{ inputs: [] }],
    [{ inputs: {} }],
    [{ inputs: [1] }],
    [{ inputs: [{ ...input, name: undefined }] }],
    [{ inputs: [{ ...input, datatype: 1 }] }],
    [{ inputs: [{ name: "x", shape: [1], datatype: "FP32" }] }],
    [{ inputs: [input], id: 7 }],
    [{ inputs: [input], outputs: [{}] }],
  ])("is not %j", (body) => {
    expect(isAccepted("Infer", JSON.parse(JSON.stringify(body)))).toBe(false);
  });
});

describe("a predict request", () => {
  test.each([[{ events: [{ type: "departure" }] }], [{ events: [] }], [{ events: ["not an event"] }]])(
    "may be %j",
    (body) => {
      expect(isAccepted("Predict", body)).toBe(true);
    },
  );

  test.each([[{}], [[]], [{ events: {} }], [{ event: {} }], [null]])("is not %j", (body) => {
    expect(isAccepted("Predict", body)).toBe(false);
  });
});

describe("a request with outcomes", () => {
  const outcome = { id: "a", label: true };

  test.each([
    [{ outcomes: [outcome] }],
    [{ outcomes: [{ ...outcome, id: 7, label: "class", time: "2001-01-31T09:53:00Z" }] }],
    // What only the function can tell is let through to it.
    [{ outcomes: [outcome, { id: null, label: {} }] }],
  ])("may be %j", (body) => {
    expect(isAccepted("Outcomes", body)).toBe(true);
  });

  test.each([
    [{}],
    [[outcome]],
    [{ outcomes: [] }],
    [{ outcomes: outcome }],
    [{ outcomes: ["a"] }],
    [{ outcomes: [outcome, { id: "a" }] }],
    [{ outcomes: [{ label: true }] }],
    [null],
  ])("is not %j", (body) => {
    expect(isAccepted("Outcomes", body)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import { formatProblem } from "../../../scripts/publish/problem.ts";
import { schemaProblems } from "../../../scripts/publish/schema-problems.ts";

const good = {
  name: "m",
  features: { a: { from: "a" } },
  outputs: { score: { from: "score" } },
};

function problemsOf(change: Record<string, unknown>): string[] {
  return schemaProblems(modelPackage, { ...good, ...change }).map(formatProblem);
}

function featureProblem(feature: unknown): string[] {
  return problemsOf({ features: { a: feature } });
}

describe("schemaProblems", () => {
  it("says nothing of a value that fits", () => {
    expect(problemsOf({})).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a missing key", { name: undefined }, "name: missing; expected a string"],
    ["a wrong type", { features: { a: 7 } }, "features.a: got 7, expected an object"],
    ["a bound", { samplesTolerance: -1 }, "samplesTolerance: got -1, expected at least 0"],
    [
      "a pattern, in its own words",
      { event: { id: "a b" } },
      'event.id: got "a b", must be a dotted path such as distance or aircraft.age',
    ],
    [
      "an unknown key, with what was probably meant",
      { keeep: true },
      'keeep: unknown key; did you mean "keep"?; allowed: name, event, predictOn, features, views, outputs, keep, outcome, examples, segments, rollout, drift, training, private, cache, limits, samplesTolerance',
    ],
    [
      "a name that is not allowed",
      { features: { "": { from: "a" } } },
      'features[""]: not allowed as a name: got "", must hold more than digits: a number would lose its place in the order',
    ],
  ])("explains %s", (_, change, line) => {
    expect(problemsOf(change)).toEqual([line]);
  });

  it("explains the branch of a union that fits best", () => {
    expect(featureProblem({ from: "a", as: { clip: { min: "1" } } })).toEqual([
      'features.a.as.clip.min: got "1", expected a finite number',
    ]);
    expect(featureProblem({ from: "a", as: ["number", { bucket: [3, 2] }] })).toEqual([
      "features.a.as[1].bucket: edges must ascend",
    ]);
    expect(featureProblem({ from: "a", as: "hourofday" })).toEqual([
      'features.a.as: got "hourofday", expected one of "number", "boolean", "hourOfDay", "dayOfWeek"',
    ]);
  });

  it("suggests a key out of all branches when none fits", () => {
    expect(featureProblem({ from: "a", as: { clop: 1 } })[0]).toMatch(
      /^features\.a\.as\.clop: unknown key; did you mean "clip"\?; allowed: index, /,
    );
    const label = { of: "score", treshold: 1, names: ["a", "b"] };
    expect(problemsOf({ outputs: { ...good.outputs, label } })[0]).toMatch(
      /^outputs\.label\.treshold: unknown key; did you mean "threshold"\?/,
    );
  });

  it("names every kind a union takes when the value is of none", () => {
    expect(problemsOf({ predictOn: { type: {} } })).toEqual([
      "predictOn.type: got {}, expected a string or a finite number or true or false or a list",
    ]);
  });

  it("gathers every problem", () => {
    expect(problemsOf({ name: "X", keeep: 1, features: { a: {}, b: { from: "b", min: "0" } } })).toHaveLength(
      4,
    );
  });

  it("shortens long values", () => {
    expect(problemsOf({ name: ["x".repeat(500)] })[0]!.length).toBeLessThan(120);
  });
});

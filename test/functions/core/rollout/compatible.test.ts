import { describe, expect, it } from "vitest";
import {
  type ModelPackage,
  type ModelPackageInput,
  modelPackage,
} from "../../../../functions/contract/model-package.ts";
import { hasSameInputs, incompatibilities } from "../../../../functions/core/rollout/compatible.ts";

const declared: ModelPackageInput = {
  name: "m",
  event: { id: "flight", time: "departs", entity: "origin" },
  predictOn: { type: "departure" },
  features: { distance: { from: "distance", min: 0, max: 6000 }, hour: { from: "departs", as: "hourOfDay" } },
  outputs: { probability: { from: "probabilities", index: 1 }, margin: { from: "margin" } },
  outcome: { on: { type: "arrival" }, id: "flight", label: { from: "delay", above: 15 }, within: "48h" },
};

function version(change: Partial<ModelPackageInput> = {}): ModelPackage {
  return modelPackage.parse({ ...declared, ...change });
}

const outcome = declared.outcome!;
const champion = version();

describe("incompatibilities", () => {
  it("are none for what only learnt something else, or wrote the same otherwise", () => {
    const other = version({
      features: { distance: { from: "distance" } },
      predictOn: { type: ["departure"] },
      outcome: {
        within: "48h",
        on: { type: ["arrival"] },
        label: { above: 15, from: "delay" },
        id: "flight",
      },
      limits: { chunkRows: 8 },
      views: { v: { on: { type: "arrival" }, key: "origin", tile: "5m" } },
    });
    expect(incompatibilities(other, champion)).toEqual([]);
    expect(incompatibilities(version({ outcome: undefined }), version({ outcome: undefined }))).toEqual([]);
  });

  it("are told each, with what the champion has", () => {
    const other = version({
      event: { id: "flight", time: "departs" },
      predictOn: { type: ["departure", "diversion"] },
      outcome: { ...outcome, label: { from: "delay", above: 30 } },
    });
    const found = incompatibilities(other, champion);
    expect(found.map((each) => each.split(":")[0])).toEqual(["event", "predictOn", "outcome"]);
    expect(found[1]).toBe(
      'predictOn: got {"type":["departure","diversion"]}, expected {"type":["departure"]} as the champion has it',
    );
  });

  it("name an outcome that only one has, a kind of truth that differs, and another scored output", () => {
    expect(incompatibilities(version({ outcome: undefined }), champion)).toEqual([
      expect.stringMatching(/^outcome: got none, expected \{/),
    ]);
    const number = version({ outcome: { ...outcome, label: { from: "delay" } } });
    expect(incompatibilities(number, champion)).toHaveLength(1);
    const renamed = version({ outputs: { chance: { from: "probabilities", index: 1 } } });
    expect(incompatibilities(renamed, champion)).toEqual([
      'outputs: got {"kind":"binary","name":"chance"} as what the outcome is compared with, expected {"kind":"binary","name":"probability"} as the champion has it',
    ]);
  });

  it("name an id that is concealed in one alone: their answers would be stored under two ids", () => {
    expect(incompatibilities(version({ private: ["flight"] }), champion)).toEqual([
      "private, whether the id is: got true, expected false as the champion has it",
    ]);
    expect(incompatibilities(version({ private: ["operator"] }), champion)).toEqual([]);
  });
});

describe("hasSameInputs", () => {
  it("holds where only outputs, rules or spelling differ", () => {
    const other = version({
      outputs: { probability: { from: "other", index: 1 } },
      predictOn: { type: ["departure"] },
      features: {
        distance: { max: 6000, min: 0, from: "distance" },
        hour: { as: "hourOfDay", from: "departs" },
      },
      drift: { minSamples: 5 },
      samplesTolerance: 0.1,
      limits: { chunkRows: 8 },
    });
    expect(hasSameInputs(other, champion)).toBe(true);
  });

  const differing: Readonly<Record<string, Partial<ModelPackageInput>>> = {
    "another range": {
      features: { ...declared.features, distance: { from: "distance", min: 0, max: 7000 } },
    },
    "another order": { features: { hour: declared.features.hour!, distance: declared.features.distance! } },
    "one feature more": { features: { ...declared.features, extra: { from: "extra" } } },
    "another event": { event: { ...declared.event, time: "scheduled" } },
    "another condition": { predictOn: { type: "arrival" } },
    "a private path": { private: ["operator"] },
    "a view": { views: { v: { on: { type: "arrival" }, key: "origin", tile: "5m" } } },
    "another size": { limits: { eventBytes: 1000 } },
  };
  it.each(Object.entries(differing))("does not hold with %s", (_, change) => {
    expect(hasSameInputs(version(change), champion)).toBe(false);
  });
});

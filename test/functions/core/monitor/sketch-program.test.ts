import { describe, expect, it } from "vitest";
import type { ModelPackageInput } from "../../../../functions/contract/model-package.ts";
import { keyOf } from "../../../../functions/core/monitor/histogram.ts";
import type { Sketch } from "../../../../functions/core/monitor/sketch.ts";
import { createSketchCounter } from "../../../../functions/core/monitor/sketch-counter.ts";
import { RowFate } from "../../../../functions/core/monitor/sketch-program.ts";
import { versionOf } from "./set-up.ts";

type Version = ReturnType<typeof versionOf>;

/** What is counted of events and the outputs that the model gave for them. */
function sketchOf(version: Version, events: readonly object[], outputs: readonly object[] = []): Sketch {
  const { sketch, buffers } = version;
  version.encode(events);
  const rows = sketch.take(buffers, events.length);
  for (const row of events.keys()) {
    if (row < outputs.length) sketch.takeScores(JSON.stringify(outputs[row]), rows, row);
    else rows.fates[row] = RowFate.failed;
  }
  const counter = createSketchCounter(sketch);
  counter.add(rows, Int32Array.from(events.keys()), 1);
  return counter.take();
}

function pairs({ keys, counts }: { readonly keys: readonly number[]; readonly counts: readonly number[] }) {
  return keys.map((key, i) => [key, counts[i]]);
}

function single(
  features: ModelPackageInput["features"],
  type: "float32" | "int64" | "float64" | "uint8",
  width: number,
) {
  return versionOf({ features }, { inputs: [{ name: "in", type, shape: [null, width] }] });
}

describe("a sketch of rows", () => {
  it("counts numbers of every type by value, as the model gets them", () => {
    for (const type of ["float32", "float64", "int64"] as const) {
      const version = single({ a: { from: "a" }, b: { from: "b", as: { clip: { max: 3 } } } }, type, 2);
      const { features, rows } = sketchOf(version, [
        { a: 7, b: 1 },
        { a: 7, b: 9 },
        { a: -2, b: 3 },
      ]);
      expect(rows).toBe(3);
      expect(features.map(({ kind }) => kind)).toEqual(["number", "number"]);
      expect(pairs(features[0]!.histogram)).toEqual([
        [keyOf(-2), 1],
        [keyOf(7), 2],
      ]);
      expect(pairs(features[1]!.histogram)).toEqual([
        [keyOf(1), 1],
        [keyOf(3), 2],
      ]);
    }
  });

  it("counts categories by their place in the list, and those that are not listed as one more", () => {
    const index = ["a", "b", "c"];
    const version = single(
      {
        plain: { from: "v", as: { index, unknown: -1 } },
        hot: { from: "v", as: { oneHot: index, unknown: "zeros" } },
        single: { from: "v", as: { oneHot: ["a"], unknown: "zeros" } },
        flag: { from: "f", as: "boolean" },
      },
      "float32",
      6,
    );
    const { features } = sketchOf(version, [
      { v: "c", f: true },
      { v: "c", f: false },
      { v: "z", f: true },
      { v: "a", f: true },
    ]);
    expect(features.every(({ kind }) => kind === "category")).toBe(true);
    expect(features.map(({ histogram }) => pairs(histogram))).toEqual([
      [
        [0, 1],
        [2, 2],
        [3, 1],
      ],
      [
        [0, 1],
        [2, 2],
        [3, 1],
      ],
      [
        [0, 1],
        [1, 3],
      ],
      [
        [0, 1],
        [1, 3],
      ],
    ]);
  });

  it("counts long lists of categories modulo a power of two", () => {
    const index = Array.from({ length: 2000 }, (_, i) => `c${i}`);
    const version = single({ v: { from: "v", as: { index, unknown: 5000 } } }, "float32", 1);
    const { features } = sketchOf(version, [{ v: "c3" }, { v: "c515" }, { v: "c1999" }, { v: "none" }]);
    expect(pairs(features[0]!.histogram)).toEqual(
      [
        [3, 2],
        [1999 % 512, 1],
        [2000 % 512, 1],
      ].sort(([a], [b]) => a! - b!),
    );
  });

  it("counts the values that a default stood in for, and what it is", () => {
    const version = single(
      {
        a: { from: "a", default: 5 },
        b: { from: "b" },
        c: { from: "c", as: { oneHot: ["x"], unknown: "zeros" } },
      },
      "float32",
      3,
    );
    const { features } = sketchOf(version, [
      { a: 1, b: 1, c: "x" },
      { b: 2, c: "y" },
      { a: null, b: 3 },
    ]);
    expect(features.map(({ missing }) => missing)).toEqual([2, 0, 1]);
    expect(pairs(features[0]!.histogram)).toEqual([
      [keyOf(1), 1],
      [keyOf(5), 2],
    ]);
  });

  it("counts a tensor by the mean of its elements, and a text by what it is", () => {
    const version = versionOf(
      { features: { image: { from: "image", shape: [2, 64] }, words: { from: "words" } } },
      {
        inputs: [
          { name: "image", type: "uint8", shape: [null, 2, 64] },
          { name: "words", type: "string", shape: [null, 1] },
        ],
      },
    );
    const image = Array.from({ length: 128 }, (_, i) => (i % 2 === 0 ? 10 : 30));
    const { features } = sketchOf(version, [
      { image, words: "same" },
      { image: image.map(() => 4), words: "same" },
      { image, words: "other" },
    ]);
    // Every second element is looked at.
    expect(pairs(features[0]!.histogram)).toEqual([
      [keyOf(4), 1],
      [keyOf(10), 2],
    ]);
    expect(features[1]!.kind).toBe("category");
    expect([...features[1]!.histogram.counts].sort()).toEqual([1, 2]);
  });

  it("counts the scored output, of a list one histogram per element, and rows that failed apart", () => {
    const features = { x: { from: "x" } };
    const specs = {
      inputs: [{ name: "in", type: "float32" as const, shape: [null, 1] }],
      outputs: [
        { name: "label", type: "string" as const, shape: [null] },
        { name: "p", type: "float32" as const, shape: [null, 3] },
      ],
    };
    const text = { label: { from: "label" } };
    const list = versionOf({ features, outputs: { ...text, p: { from: "p" } } }, specs);
    const events = [{ x: 1 }, { x: 2 }, { x: 3 }];
    const outputs = [
      { label: "a", p: [0.5, 0.25, 0.25] },
      { label: "b", p: [0.5, 0.5, 0] },
    ];
    const { scores, rows, failed, runMs } = sketchOf(list, events, outputs);
    expect({ rows, failed, runMs }).toEqual({ rows: 3, failed: 1, runMs: 3 });
    expect(scores.map(pairs)).toEqual([
      [[keyOf(0.5), 2]],
      [
        [keyOf(0.25), 1],
        [keyOf(0.5), 1],
      ],
      [
        [0, 1],
        [keyOf(0.25), 1],
      ],
    ]);
    const one = versionOf({ features, outputs: { ...text, yes: { from: "p", index: 1 } } }, specs);
    expect(sketchOf(one, events, [{ label: "a", yes: 0.75 }]).scores.map(pairs)).toEqual([
      [[keyOf(0.75), 1]],
    ]);
    const none = versionOf({ features, outputs: text }, specs);
    expect(sketchOf(none, events, [{ label: "a" }]).scores).toEqual([]);
  });
});

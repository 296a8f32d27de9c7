import { describe, expect, it } from "vitest";
import type { TensorSpec } from "../../../../functions/core/inference/tensor.ts";
import { compileFeatures } from "./encode-event.ts";

const one: TensorSpec[] = [{ name: "in", type: "float32", shape: [null, 3] }];

describe("row encoder", () => {
  it("writes features in the order of the package, whatever the order in the event", () => {
    const { encode } = compileFeatures({ b: {}, a: {}, deep: { from: "c.d" } }, one);
    expect(encode('{"a":1,"b":2,"c":{"d":3}}')).toEqual([[2, 1, 3]]);
    expect(encode('{"c":{"d":6},"b":5,"a":4}')).toEqual([[5, 4, 6]]);
  });

  it("feeds several inputs of several types from one event", () => {
    const { encode, problems } = compileFeatures(
      {
        n: { input: "numbers" },
        flag: { as: "boolean" },
        m: { input: "numbers" },
        id: { from: "n" },
        v: { shape: [2, 2] },
      },
      [
        { name: "id", type: "int64", shape: [null] },
        { name: "v", type: "float64", shape: [null, 2, 2] },
        { name: "numbers", type: "float32", shape: [null, 2] },
        { name: "flag", type: "bool", shape: [null, 1] },
      ],
    );
    expect(problems).toEqual([]);
    expect(encode('{"n":7,"flag":true,"m":0.5,"v":[[1,2],[3,4]]}')).toEqual([
      [7n],
      [1, 2, 3, 4],
      [7, 0.5],
      [1],
    ]);
  });

  it("explains every feature that an event does not allow", () => {
    const { encode } = compileFeatures({ a: { min: 0 }, b: {}, c: { default: 1 } }, one);
    expect(encode('{"a":-1,"b":"x"}')).toEqual([
      {
        code: "input.range",
        message: 'feature "a": got -1, expected a number of at least 0; fix the producer or clip the feature',
      },
      { code: "input.type", message: 'feature "b": got "x", expected a number; fix the producer' },
    ]);
  });

  it("finds the problems of features and of their layout together", () => {
    const { problems } = compileFeatures({ a: { min: 2, max: 1 }, b: { shape: [9] } }, one);
    expect(problems).toEqual([
      'feature "a": min must not exceed max',
      expect.stringContaining('tensor feature "b" shares it with others'),
    ]);
  });

  it("finds defaults that would reject the very events they are meant to save", () => {
    const inputs: TensorSpec[] = [
      { name: "whole", type: "int64", shape: [null, 1] },
      { name: "log", type: "float32", shape: [null, 1] },
      { name: "v", type: "uint8", shape: [null, 2] },
    ];
    const { problems } = compileFeatures(
      {
        whole: { default: 0.5 },
        log: { default: -1, as: { log: { plus: 0 } } },
        v: { shape: [2], default: 256 },
      },
      inputs,
    );
    expect(problems).toEqual([
      'feature "whole": default 0.5, transformed, is not what input "whole" holds, a whole number within ±9007199254740991; correct the default',
      expect.stringMatching(/^feature "log": default -1, transformed, .* a number within ±3\.40/),
      'feature "v": default 256, transformed, is not what input "v" holds, a whole number from 0 to 255; correct the default',
    ]);
    const sound = compileFeatures(
      {
        whole: { default: -3 },
        log: { default: 1, as: { log: { plus: 0 } } },
        v: { shape: [2], default: 255 },
      },
      inputs,
    );
    expect(sound.problems).toEqual([]);
    expect(sound.encode("{}")).toEqual([[-3n], [0], [255, 255]]);
  });
});

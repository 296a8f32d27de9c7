import { describe, expect, it } from "vitest";
import { type FeatureShape, layoutRows } from "../../../../functions/core/features/row-layout.ts";
import type { TensorSpec } from "../../../../functions/core/inference/tensor.ts";

function spec(name: string, shape: TensorSpec["shape"], type: TensorSpec["type"] = "float32"): TensorSpec {
  return { name, type, shape };
}

function problemsOf(features: readonly FeatureShape[], specs: readonly TensorSpec[]): string[] {
  return layoutRows(features, specs).problems;
}

const a: FeatureShape = { name: "a", width: 1 };
const b: FeatureShape = { name: "b", width: 3 };
const tensor: FeatureShape = { name: "t", width: 6, shape: [2, 3] };

describe("layoutRows", () => {
  it("puts all features side by side into the only input, in order", () => {
    const { layout, problems } = layoutRows([b, a], [spec("x", [null, 4])]);
    expect(problems).toEqual([]);
    expect(layout).toEqual({
      inputs: [{ name: "x", type: "float32", rowShape: [4], width: 4 }],
      placements: [
        { input: 0, column: 0 },
        { input: 0, column: 3 },
      ],
    });
  });

  it("fills several inputs by the feature's own name, or by the input it names", () => {
    const features = [{ ...b, input: "x" }, { name: "y", width: 1 }, { ...a, input: "x" }, tensor];
    const specs = [spec("t", [null, 2, 3]), spec("x", [null, 4], "int64"), spec("y", [null])];
    const { layout, problems } = layoutRows(features, specs);
    expect(problems).toEqual([]);
    expect(layout.placements).toEqual([
      { input: 1, column: 0 },
      { input: 2, column: 0 },
      { input: 1, column: 3 },
      { input: 0, column: 0 },
    ]);
    expect(layout.inputs.map(({ rowShape, width, type }) => [rowShape, width, type])).toEqual([
      [[2, 3], 6, "float32"],
      [[4], 4, "int64"],
      [[], 1, "float32"],
    ]);
  });

  it.each<[string, TensorSpec["shape"], FeatureShape[]]>([
    ["an open width", [null, null], [a, b]],
    ["a single number without an axis of its own", [null], [a]],
    ["a tensor with open axes", [null, null, 3], [tensor]],
  ])("takes %s", (_, shape, features) => {
    expect(problemsOf(features, [spec("x", shape)])).toEqual([]);
  });

  it.each<[string, FeatureShape[], TensorSpec[], string[]]>([
    [
      "a feature that belongs to none of several inputs",
      [
        { ...a, input: "x" },
        { ...a, name: "y" },
        { ...a, name: "c" },
      ],
      [spec("x", [null, 1]), spec("y", [null, 1])],
      ['feature "c": the model has 2 inputs ("x", "y") and none bears this name; set "input"'],
    ],
    [
      "an input that the model has not",
      [a, { ...a, name: "c", input: "z" }],
      [spec("x", [null, 1])],
      ['feature "c": input "z" is none of the model\'s inputs ("x"); correct "input"'],
    ],
    [
      "an input that nothing feeds",
      [{ ...a, input: "x" }],
      [spec("x", [null, 1]), spec("y", [null, 2])],
      ['input "y" (float32 [N, 2]): no feature feeds it; declare one, with "input": "y"'],
    ],
    [
      "a tensor that shares its input",
      [tensor, a],
      [spec("x", [null, 2, 3])],
      [
        'input "x" (float32 [N, 2, 3]): tensor feature "t" shares it with others; give it an input of its own',
      ],
    ],
    [
      "too few columns",
      [a, b],
      [spec("x", [null, 5])],
      [
        'input "x" (float32 [N, 5]): the features "a", "b" make rows of shape [N, 4] with 4 values; declare the features that the model was trained on, in its order',
      ],
    ],
    [
      "several columns for an input without a second axis",
      [a, b],
      [spec("x", [null])],
      [
        'input "x" (float32 [N]): the features "a", "b" make rows of shape [N] with 4 values; declare the features that the model was trained on, in its order',
      ],
    ],
    [
      "a tensor of another shape",
      [tensor],
      [spec("x", [null, 3, 2])],
      [
        'input "x" (float32 [N, 3, 2]): the features "t" make rows of shape [N, 2, 3] with 6 values; declare the features that the model was trained on, in its order',
      ],
    ],
    [
      "scalars for an input of three axes",
      [a, b],
      [spec("x", [null, 2, 2])],
      [
        'input "x" (float32 [N, 2, 2]): the features "a", "b" make rows of shape [N, 4] with 4 values; declare the features that the model was trained on, in its order',
      ],
    ],
    [
      "an input without any axis",
      [a],
      [spec("x", [])],
      [
        'input "x" (float32 []): the features "a" make rows of shape [N, 1] with 1 values; declare the features that the model was trained on, in its order',
      ],
    ],
    [
      "a fixed batch axis",
      [a],
      [spec("x", [1, 1])],
      [
        'input "x" (float32 [1, 1]): the batch axis is fixed to 1; export the model with a variable first dimension',
      ],
    ],
    [
      "a model without inputs",
      [a],
      [],
      ['feature "a": the model has 0 inputs () and none bears this name; set "input"'],
    ],
  ])("finds %s", (_, features, specs, problems) => {
    expect(problemsOf(features, specs)).toEqual(problems);
  });

  it("finds every problem at once", () => {
    const specs = [spec("x", [1, 9]), spec("y", [null])];
    expect(
      problemsOf(
        [
          { ...a, input: "x" },
          { ...a, input: "z" },
        ],
        specs,
      ),
    ).toHaveLength(4);
  });
});

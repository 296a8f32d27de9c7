import { describe, expect, it } from "vitest";
import { ModelRunError } from "../../../../functions/core/errors.ts";
import type { Tensor, TensorSpec } from "../../../../functions/core/inference/tensor.ts";
import { createRowText, joinRows } from "../../../../functions/core/protocol/row-text.ts";

const specs: TensorSpec[] = [
  { name: 'a"', type: "int64", shape: [null] },
  { name: "b", type: "string", shape: [null, 2, null] },
  { name: "c", type: "float32", shape: [null, null] },
];

const tensors: Record<string, Tensor> = {
  'a"': { type: "int64", shape: [2], data: BigInt64Array.of(2n ** 53n + 1n, -1n) },
  b: { type: "string", shape: [2, 2, 1], data: ["x\n", ":", "", '"'] },
  c: { type: "float32", shape: [2, 0], data: new Float32Array(0) },
};

function rowsOf(names: readonly string[], of: Record<string, Tensor> = tensors, count = 2): string[] {
  const encoder = createRowText(names);
  return Array.from({ length: count }, (_, row) => encoder.encode(of, row, count)!);
}

describe("rows as text", () => {
  it("are put together as the outputs they came from: scalars, texts with any character, and no elements at all", () => {
    const rows = rowsOf(specs.map(({ name }) => name));
    expect(joinRows(specs, rows)).toBe(
      '[{"name":"a\\"","shape":[2],"datatype":"INT64","data":[9007199254740993,-1]},' +
        '{"name":"b","shape":[2,2,1],"datatype":"BYTES","data":["x\\n",":","","\\""]},' +
        '{"name":"c","shape":[2,0],"datatype":"FP32","data":[]}]',
    );
  });

  it("are put together in any order, and as often as wanted", () => {
    const [first, second] = rowsOf(["b"]);
    const [output] = JSON.parse(joinRows([specs[1]!], [second!, first!, second!])) as {
      shape: number[];
      data: unknown[];
    }[];
    expect(output).toMatchObject({ shape: [3, 2, 1], data: ["", '"', "x\n", ":", "", '"'] });
  });

  it("are not put together where their shapes differ", () => {
    const wide = { c: { type: "float32" as const, shape: [1, 2], data: Float32Array.of(1, 2) } };
    const narrow = { c: { type: "float32" as const, shape: [1, 1], data: Float32Array.of(1) } };
    const rows = [...rowsOf(["c"], wide, 1), ...rowsOf(["c"], narrow, 1)];
    expect(() => joinRows([specs[2]!], rows)).toThrow(ModelRunError);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Outputs, outputs as outputsSchema } from "../../../../functions/contract/output.ts";
import { compileOutputs } from "../../../../functions/core/inference/output-encoder.ts";
import type { Tensor, TensorSpec } from "../../../../functions/core/inference/tensor.ts";

function tensor(shape: readonly number[], values: readonly number[]): Tensor {
  return { type: "float32", shape, data: Float32Array.from(values) };
}

/** Encode every row of tensors whose declared shape is theirs with an open batch axis. */
function encodeRows(
  declared: Outputs,
  tensors: Readonly<Record<string, Tensor>>,
  specs?: readonly TensorSpec[],
) {
  const declaredSpecs =
    specs ??
    Object.entries(tensors).map(([name, { type, shape }]) => ({
      name,
      type,
      shape: [null, ...shape.slice(1)],
    }));
  const { encoder, problems } = compileOutputs(outputsSchema.parse(declared), declaredSpecs);
  expect(problems).toEqual([]);
  const rowCount = Object.values(tensors)[0]!.shape[0]!;
  return Array.from({ length: rowCount }, (_, row) => encoder.encode(tensors, row, rowCount));
}

function problemsOf(declared: Outputs, spec: Partial<TensorSpec> = {}): string[] {
  const specs: TensorSpec[] = [{ name: "p", type: "float32", shape: [null, 3], ...spec }];
  return compileOutputs(declared, specs).problems;
}

describe("output encoder", () => {
  const p = tensor([2, 3], [0.5, 0.25, 0.25, -1, 0, 4]);

  it("writes an element, a whole row, and a row of one element as a number", () => {
    const tensors = { p, s: tensor([2, 1], [7, 8]), t: tensor([2], [9, 10]) };
    const rows = encodeRows(
      { one: { from: "p", index: 2 }, all: { from: "p" }, s: { from: "s" }, t: { from: "t" } },
      tensors,
    );
    expect(rows).toEqual([
      '{"one":0.25,"all":[0.5,0.25,0.25],"s":7,"t":9}',
      '{"one":4,"all":[-1,0,4],"s":8,"t":10}',
    ]);
  });

  it("writes rows of more axes flat, row-major", () => {
    expect(encodeRows({ m: { from: "m" } }, { m: tensor([1, 2, 2], [1, 2, 3, 4]) })).toEqual([
      '{"m":[1,2,3,4]}',
    ]);
  });

  it("gives the second name from the threshold on", () => {
    const below = 0.5 - 2 ** -25;
    const label: Outputs = { v: { from: "v" }, label: { of: "v", threshold: 0.5, names: ["no", "yes"] } };
    const rows = encodeRows(label, { v: tensor([3, 1], [below, 0.5, 0.75]) });
    expect(rows.map((row) => JSON.parse(row!).label)).toEqual(["no", "yes", "yes"]);
  });

  it("thresholds the element that its source names", () => {
    const label: Outputs = {
      v: { from: "p", index: 1 },
      label: { of: "v", threshold: 0.1, names: ["no", "yes"] },
    };
    expect(encodeRows(label, { p })).toEqual(['{"v":0.25,"label":"yes"}', '{"v":0,"label":"no"}']);
  });

  it("names the greatest element, the first of equals", () => {
    const label: Outputs = { v: { from: "v" }, label: { of: "v", names: ["a", "b", "c"] } };
    const rows = encodeRows(label, { v: tensor([4, 3], [1, 2, 2, 0, 0, 0, -3, -2, -1, 5, 4, 5]) });
    expect(rows.map((row) => JSON.parse(row!).label)).toEqual(["b", "a", "c", "a"]);
  });

  it("agrees with indexOf(max) and JSON.stringify on any finite rows", () => {
    const row = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 });
    const declared: Outputs = { v: { from: "v" }, top: { of: "v", names: ["0", "1", "2"] } };
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const got = encodeRows(declared, { v: tensor([rows.length, 3], rows.flat()) });
        expect(got).toEqual(
          rows.map((v) =>
            JSON.stringify({
              v: [...Float32Array.from(v)],
              top: String(v.indexOf(Math.max(...v.map((each) => (each === 0 ? 0 : each))))),
            }),
          ),
        );
      }),
    );
  });

  it("writes 64-bit integers as numbers while those are exact, beyond as text", () => {
    const data = BigInt64Array.of(
      2n ** 53n - 1n,
      2n ** 53n,
      -(2n ** 53n) + 1n,
      -(2n ** 53n),
      2n ** 63n - 1n,
      0n,
    );
    const rows = encodeRows({ n: { from: "n" } }, { n: { type: "int64", shape: [6], data } });
    expect(rows).toEqual([
      '{"n":9007199254740991}',
      '{"n":"9007199254740992"}',
      '{"n":-9007199254740991}',
      '{"n":"-9007199254740992"}',
      '{"n":"9223372036854775807"}',
      '{"n":0}',
    ]);
  });

  it("writes text, booleans and odd output names as JSON", () => {
    const tensors: Record<string, Tensor> = {
      s: { type: "string", shape: [1], data: ['a "b"\n'] },
      f: { type: "bool", shape: [1], data: Uint8Array.of(1) },
    };
    const [row] = encodeRows({ 'the "s"': { from: "s" }, f: { from: "f" } }, tensors);
    expect(JSON.parse(row!)).toEqual({ 'the "s"': 'a "b"\n', f: 1 });
  });

  it("thresholds and names 64-bit integers too", () => {
    const n: Tensor = { type: "int64", shape: [2, 2], data: BigInt64Array.of(1n, 5n, 9n, 2n) };
    const declared: Outputs = {
      all: { from: "n" },
      first: { from: "n", index: 0 },
      top: { of: "all", names: ["a", "b"] },
      big: { of: "first", threshold: 9, names: ["no", "yes"] },
    };
    expect(encodeRows(declared, { n }).map((row) => JSON.parse(row!))).toEqual([
      { all: [1, 5], first: 1, top: "b", big: "no" },
      { all: [9, 2], first: 9, top: "a", big: "yes" },
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "gives nothing for a row with %d",
    (bad) => {
      const v = tensor([2, 2], [1, 2, 3, bad]);
      expect(encodeRows({ v: { from: "v" } }, { v })).toEqual(['{"v":[1,2]}', undefined]);
      expect(encodeRows({ v: { from: "v", index: 1 } }, { v })).toEqual(['{"v":2}', undefined]);
      expect(encodeRows({ v: { from: "v", index: 0 } }, { v })).toEqual(['{"v":1}', '{"v":3}']);
    },
  );

  it("reads nothing from a neighbour's row where a model's width turns out smaller than the index", () => {
    const open: TensorSpec[] = [{ name: "v", type: "float32", shape: [null, null] }];
    const v = tensor([2, 2], [1, 2, 3, 4]);
    expect(encodeRows({ v: { from: "v", index: 2 } }, { v }, open)).toEqual([undefined, undefined]);
    expect(encodeRows({ v: { from: "v", index: 1 } }, { v }, open)).toEqual(['{"v":2}', '{"v":4}']);
  });

  it("gives no label where a model's width turns out other than the label needs", () => {
    const open: TensorSpec[] = [{ name: "v", type: "float32", shape: [null, null] }];
    const v = tensor([1, 3], [1, 2, 3]);
    expect(
      encodeRows({ v: { from: "v" }, l: { of: "v", threshold: 1, names: ["a", "b"] } }, { v }, open),
    ).toEqual([undefined]);
    expect(encodeRows({ v: { from: "v" }, l: { of: "v", names: ["a", "b"] } }, { v }, open)).toEqual([
      undefined,
    ]);
  });

  it("asks the model for each tensor once", () => {
    const declared: Outputs = {
      a: { from: "p", index: 0 },
      b: { from: "p" },
      c: { of: "a", threshold: 0, names: ["x", "y"] },
    };
    expect(
      compileOutputs(declared, [{ name: "p", type: "float32", shape: [null, 2] }]).encoder.tensorNames,
    ).toEqual(["p"]);
  });

  it.each<[string, Outputs, Partial<TensorSpec>, string]>([
    [
      "an output the model has not",
      { a: { from: "q" } },
      {},
      'output "a": the model has no output "q", only "p"; correct "from"',
    ],
    [
      "a scalar for the whole batch",
      { a: { from: "p" } },
      { shape: [] },
      'output "a": "p" is a scalar for the whole batch, expected one row per event',
    ],
    [
      "an index outside the row",
      { a: { from: "p", index: 3 } },
      {},
      'output "a": index 3 is outside a row of "p" (float32 [N, 3]), expected 0 to 2',
    ],
    [
      "a label of text",
      { a: { from: "p", index: 0 }, l: { of: "a", threshold: 0, names: ["n", "y"] } },
      { type: "string" },
      'output "l": "p" is text, a label needs numbers',
    ],
    [
      "a threshold of a row",
      { a: { from: "p" }, l: { of: "a", threshold: 0, names: ["n", "y"] } },
      {},
      'output "l": a threshold needs one number, "a" is a row of 3; give it an "index"',
    ],
    [
      "too few names",
      { a: { from: "p" }, l: { of: "a", names: ["n", "y"] } },
      {},
      'output "l": 2 names for 3 value(s) of "a"; give one name each',
    ],
    [
      "names for one element",
      { a: { from: "p", index: 0 }, l: { of: "a", names: ["n", "y", "z"] } },
      {},
      'output "l": 3 names for 1 value(s) of "a"; give one name each',
    ],
    [
      "names for one element of an open width",
      { a: { from: "p", index: 0 }, l: { of: "a", names: ["n", "y", "z"] } },
      { shape: [null, null] },
      'output "l": 3 names for 1 value(s) of "a"; give one name each',
    ],
  ])("finds %s", (_, declared, spec, message) => {
    expect(problemsOf(declared, spec)).toEqual([message]);
  });

  it("finds nothing wrong at the last index and with a name per element", () => {
    expect(
      problemsOf({ a: { from: "p", index: 2 }, b: { from: "p" }, l: { of: "b", names: ["x", "y", "z"] } }),
    ).toEqual([]);
  });
});

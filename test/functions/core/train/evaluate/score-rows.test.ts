import { describe, expect, it } from "vitest";
import type { TrainingManifest } from "../../../../../functions/contract/training-data.ts";
import type { RowLayout } from "../../../../../functions/core/features/row-layout.ts";
import type { ModelSession } from "../../../../../functions/core/inference/model-session.ts";
import type { NumericArray, Tensor } from "../../../../../functions/core/inference/tensor.ts";
import { createRowScorer } from "../../../../../functions/core/train/evaluate/row-scorer.ts";
import { scoreRows } from "../../../../../functions/core/train/evaluate/score-rows.ts";

/** Two inputs: `numbers` has the first and the third feature, `codes` the second, which has two columns. */
const layout: RowLayout = {
  inputs: [
    { name: "numbers", type: "float32", rowShape: [2], width: 2 },
    { name: "codes", type: "int64", rowShape: [2], width: 2 },
  ],
  placements: [
    { input: 0, column: 0 },
    { input: 1, column: 0 },
    { input: 0, column: 1 },
  ],
};
const features: TrainingManifest["features"] = [
  { name: "a", width: 1, kind: "number" },
  { name: "b", width: 2, kind: "category" },
  { name: "c", width: 1, kind: "number" },
];
const binary: TrainingManifest["label"] = { kind: "binary", classes: [0, 1], output: "p", index: 1 };
const row = (i: number) => [i, 10 * i, 20 * i, i / 2, i % 2, 1];

async function* parts(...given: number[][][]) {
  for (const rows of given) yield Float32Array.from(rows.flat());
}

/** A session that computes its output `p`, [N, width], of a row's numbers in the order of the inputs. */
function sessionOf(width: number, compute: (values: readonly number[]) => readonly number[]) {
  const runs: { readonly count: number; readonly types: readonly string[] }[] = [];
  const session: ModelSession = {
    inputs: [],
    outputs: [{ name: "p", type: "float32", shape: [null, width] }],
    async run(feeds, names) {
      expect(names).toEqual(["p"]);
      const count = feeds.numbers!.shape[0]!;
      runs.push({ count, types: Object.values(feeds).map(({ type }) => type) });
      const at = ({ data }: Tensor, i: number) =>
        [...(data as NumericArray).slice(2 * i, 2 * i + 2)].map(Number);
      const data = Array.from({ length: count }, (_, i) =>
        compute([...at(feeds.numbers!, i), ...at(feeds.codes!, i)]),
      );
      return { p: { type: "float32", shape: [count, width], data: Float32Array.from(data.flat()) } };
    },
    release: async () => undefined,
  };
  return { session, runs };
}

describe("scoring training rows", () => {
  it("gives each input its features, and takes the score that the package reads", async () => {
    const { session, runs } = sessionOf(2, (values) => [
      -1,
      values[0]! + values[1]! + values[2]! + values[3]!,
    ]);
    const rows = parts([row(1), row(2)], [row(4)]);
    const got = await scoreRows({ session, layout, manifest: { features, label: binary }, rows });
    // i + i/2 + 10 i + 20 i
    expect([...got.scores]).toEqual([31.5, 63, 126]);
    expect([[...got.labels], got.width]).toEqual([[1, 0, 0], 1]);
    expect(runs).toEqual([
      { count: 2, types: ["float32", "int64"] },
      { count: 1, types: ["float32", "int64"] },
    ]);
  });

  it("runs no more than 512 rows at once, and loses none", async () => {
    const { session, runs } = sessionOf(2, ([first]) => [0, first!]);
    const many = Array.from({ length: 1100 }, (_, i) => row(i));
    const rows = parts(many);
    const got = await scoreRows({ session, layout, manifest: { features, label: binary }, rows });
    expect([...got.scores].every((score, i) => score === i)).toBe(true);
    expect(runs.map(({ count }) => count)).toEqual([512, 512, 76]);
  });

  it("takes a score per class, and the first element where none is named", async () => {
    const { session } = sessionOf(3, ([first]) => [first!, 2 * first!, 3 * first!]);
    const classes = { kind: "classes", classes: ["x", "y", "z"], output: "p" } as const;
    const three = await scoreRows({
      ...{ session, layout, manifest: { features, label: { ...classes, classes: [...classes.classes] } } },
      rows: parts([row(1), row(2)]),
    });
    expect([[...three.scores], three.width]).toEqual([[1, 2, 3, 2, 4, 6], 3]);
    const number = { kind: "number", output: "p" } as const;
    const one = await scoreRows({
      session,
      layout,
      manifest: { features, label: number },
      rows: parts([row(5)]),
    });
    expect([...one.scores]).toEqual([5]);
  });

  it.each([
    ["NaN", 2, [0, Number.NaN]],
    ["infinity", 2, [0, Infinity]],
    ["a row that is too short", 1, [0.5]],
  ])("refuses %s", async (_, width, output) => {
    const { session } = sessionOf(width, () => output);
    const scored = scoreRows({
      session,
      layout,
      manifest: { features, label: binary },
      rows: parts([row(1)]),
    });
    await expect(scored).rejects.toMatchObject({ name: "ModelRunError", code: "run.output" });
  });

  it("refuses a model without the output, and one with a score too many for the classes", async () => {
    const { session } = sessionOf(2, () => [0.5, 0.5]);
    expect(() =>
      createRowScorer({ session, layout }, { features, label: { ...binary, output: "q" } }),
    ).toThrow(
      expect.objectContaining({
        code: "model.package",
        message: expect.stringContaining('got the outputs p, expected "q"'),
      }),
    );
    const three = { kind: "classes", classes: [1, 2, 3], output: "p" } as const;
    const label = { ...three, classes: [...three.classes] };
    const scored = scoreRows({ session, layout, manifest: { features, label }, rows: parts([row(1)]) });
    await expect(scored).rejects.toMatchObject({ code: "run.output" });
  });

  it("repeats few rows to as many as are asked for, and does no more than run them", async () => {
    const seen: number[] = [];
    const { session, runs } = sessionOf(2, ([first]) => {
      seen.push(first!);
      return [0, first!];
    });
    const scorer = createRowScorer({ session, layout }, { features, label: binary });
    const run = scorer.repeat(Float32Array.from([...row(1), ...row(2)]), 5);
    await run();
    await run();
    expect(runs.map(({ count }) => count)).toEqual([5, 5]);
    expect(seen).toEqual([1, 2, 1, 2, 1, 1, 2, 1, 2, 1]);
  });
});

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AccuracyPartial,
  accuracyOf,
  addOutcome,
  decodeAccuracy,
  emptyAccuracy,
  encodeAccuracy,
  mergeAccuracy,
  type ScoredOutcome,
} from "../../../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import type { BinaryFigures } from "../../../../../functions/core/outcome/accuracy/binary-accuracy.ts";

type Binary = Extract<ScoredOutcome, { kind: "binary" }>;
type Classes = Extract<ScoredOutcome, { kind: "classes" }>;
type Numbers = Extract<ScoredOutcome, { kind: "number" }>;

function partialOf(outcomes: readonly ScoredOutcome[]): AccuracyPartial {
  const partial = emptyAccuracy(outcomes[0]!);
  for (const each of outcomes) addOutcome(partial, each);
  return partial;
}

/** Every pair of a yes and a no, ties counting one half: the definition, in quadratic time. */
function pairwiseAuc(rows: readonly { score: number; isYes: boolean }[]): number | undefined {
  const [yes, no] = [rows.filter(({ isYes }) => isYes), rows.filter(({ isYes }) => !isYes)];
  let wins = 0;
  for (const { score: a } of yes) for (const { score: b } of no) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return yes.length === 0 || no.length === 0 ? undefined : wins / (yes.length * no.length);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function surprise(probability: number, isTrue: boolean): number {
  const clipped = Math.min(Math.max(probability, 1e-15), 1 - 1e-15);
  return -Math.log(isTrue ? clipped : 1 - clipped);
}

/** Probabilities as models give them: 32-bit floats. */
const probability = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.fround);
const binary = fc.record({
  kind: fc.constant("binary" as const),
  score: fc.oneof(probability, fc.constantFrom(0, 0.25, 0.5, 1)),
  label: fc.constantFrom(0, 1),
  threshold: fc.constant(0.5),
});
const classCount = 3;
const classes = fc.record({
  kind: fc.constant("classes" as const),
  scores: fc.array(probability, { minLength: classCount, maxLength: classCount }),
  label: fc.nat(classCount - 1),
});
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const numbers = fc.record({ kind: fc.constant("number" as const), score: finite, label: finite });
const some = <Outcome>(outcome: fc.Arbitrary<Outcome>) => fc.array(outcome, { minLength: 1, maxLength: 120 });

function expectFigures(got: object, expected: Readonly<Record<string, number | undefined>>) {
  for (const [name, value] of Object.entries(expected)) {
    const figure = (got as Record<string, number | undefined>)[name];
    if (value === undefined) expect(figure, name).toBeUndefined();
    else expect(Math.abs(figure! - value), name).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
  }
}

describe("the accuracy of a yes or no", () => {
  it("is what plain sums and pairs say", () => {
    fc.assert(
      fc.property(some(binary), (rows) => {
        const yes = rows.filter(({ label }) => label === 1);
        const called = rows.filter(({ score }) => score >= 0.5);
        const hits = called.filter(({ label }) => label === 1).length;
        const correct = rows.filter(({ score, label }) => score >= 0.5 === (label === 1)).length;
        const bins = Map.groupBy(rows, ({ score }) => Math.min(Math.floor(score * 15), 14));
        const gaps = [...bins.values()].map(
          (bin) =>
            (bin.length / rows.length) *
            Math.abs(mean(bin.map(({ score }) => score))! - mean(bin.map(({ label }) => label))!),
        );
        expectFigures(accuracyOf(partialOf(rows)), {
          count: rows.length,
          positives: yes.length,
          auc: pairwiseAuc(rows.map(({ score, label }) => ({ score, isYes: label === 1 }))),
          logLoss: mean(rows.map(({ score, label }) => surprise(score, label === 1))),
          brier: mean(rows.map(({ score, label }) => (score - label) ** 2)),
          ece: gaps.reduce((sum, gap) => sum + gap, 0),
          accuracy: correct / rows.length,
          precision: called.length === 0 ? undefined : hits / called.length,
          recall: yes.length === 0 ? undefined : hits / yes.length,
        });
      }),
    );
  });

  it("takes the threshold of the package for a yes", () => {
    const row = { kind: "binary", score: 0.3, label: 1, threshold: 0.3 } as const;
    expect(accuracyOf(partialOf([row, { ...row, threshold: 0.31 }]))).toMatchObject({ recall: 0.5 });
  });

  it("counts a sure mistake as 34.5 nats", () => {
    const sure = { kind: "binary", score: 1, label: 0, threshold: 0.5 } as const;
    expect((accuracyOf(partialOf([sure])) as BinaryFigures).logLoss).toBeCloseTo(34.54, 1);
  });
});

describe("the accuracy of classes", () => {
  it("is what plain sums say, and the mean of the pairs' of each class against the rest", () => {
    fc.assert(
      fc.property(some(classes), (rows) => {
        const positions = [0, 1, 2];
        const best = rows.map(({ scores }) => positions.reduce((a, b) => (scores[b]! > scores[a]! ? b : a)));
        const correct = rows.filter(({ label }, i) => best[i] === label).length;
        const aucs = positions.flatMap(
          (each) =>
            pairwiseAuc(rows.map(({ scores, label }) => ({ score: scores[each]!, isYes: label === each }))) ??
            [],
        );
        const share = (of: (row: Classes, i: number) => number) =>
          mean(
            positions.flatMap((each) => {
              const among = rows.map((row, i) => ({ row, i })).filter(({ row, i }) => of(row, i) === each);
              const hits = among.filter(({ row, i }) => row.label === each && best[i] === each);
              return among.length === 0 ? [] : hits.length / among.length;
            }),
          );
        expectFigures(accuracyOf(partialOf(rows)), {
          count: rows.length,
          auc: mean(aucs),
          logLoss: mean(rows.map(({ scores, label }) => surprise(scores[label]!, true))),
          brier: mean(
            rows.map(({ scores, label }) =>
              scores.reduce((sum, score, i) => sum + (i === label ? 1 - score : score) ** 2, 0),
            ),
          ),
          accuracy: correct / rows.length,
          precision: share((_, i) => best[i]!),
          recall: share(({ label }) => label),
        });
      }),
    );
  });

  it("goes without an AUC where there are more classes than a part can hold scores of", () => {
    const scores = Array.from({ length: 40 }, (_, i) => i / 40);
    const figures = accuracyOf(partialOf([{ kind: "classes", scores, label: 39 }]));
    expect(figures).toMatchObject({ accuracy: 1, auc: undefined });
  });
});

describe("the accuracy of numbers", () => {
  it("is what plain sums say", () => {
    fc.assert(
      fc.property(some(numbers), (rows) => {
        const errors = rows.map(({ score, label }) => score - label);
        expectFigures(accuracyOf(partialOf(rows)), {
          count: rows.length,
          mae: mean(errors.map(Math.abs)),
          rmse: Math.sqrt(mean(errors.map((error) => error ** 2))!),
          bias: mean(errors),
        });
      }),
    );
  });
});

describe("partials", () => {
  const rowsOfOneKind: fc.Arbitrary<readonly ScoredOutcome[]> = fc.oneof(
    some(binary) as fc.Arbitrary<Binary[]>,
    some(classes) as fc.Arbitrary<Classes[]>,
    some(numbers) as fc.Arbitrary<Numbers[]>,
  );

  it("merged in any order say what the whole says", () => {
    fc.assert(
      fc.property(
        rowsOfOneKind,
        fc.array(fc.nat(4), { minLength: 120, maxLength: 120 }),
        fc.nat(),
        (rows, parts, turn) => {
          const split = [
            ...Map.groupBy(
              rows.map((row, i) => ({ row, part: parts[i]! })),
              ({ part }) => part,
            ).values(),
          ];
          const turned = [...split.slice(turn % split.length), ...split.slice(0, turn % split.length)];
          const merged = emptyAccuracy(rows[0]!);
          for (const part of turned) mergeAccuracy(merged, partialOf(part.map(({ row }) => row)));
          const { kind: _, ...whole } = accuracyOf(partialOf(rows));
          expectFigures(accuracyOf(merged), whole);
        },
      ),
    );
  });

  it("are the same after a round through bytes", () => {
    fc.assert(
      fc.property(rowsOfOneKind, (rows) => {
        const partial = partialOf(rows);
        expect(decodeAccuracy(encodeAccuracy(partial))).toEqual(partial);
      }),
    );
  });

  it("of nothing say nothing", () => {
    const outcome = { kind: "binary", score: 0.5, label: 1, threshold: 0.5 } as const;
    expect(accuracyOf(emptyAccuracy(outcome))).toEqual({ kind: "binary", count: 0, positives: 0 });
    expect(accuracyOf(emptyAccuracy({ kind: "number", score: 1, label: 1 }))).toEqual({
      kind: "number",
      count: 0,
    });
  });

  it("of one kind take no outcomes of another", () => {
    const partial = emptyAccuracy({ kind: "number", score: 1, label: 1 });
    expect(() => addOutcome(partial, { kind: "classes", scores: [1], label: 0 })).toThrow(
      /classes to count into a number/,
    );
    expect(() => mergeAccuracy(partial, partialOf([{ kind: "classes", scores: [1], label: 0 }]))).toThrow(
      /one kind/,
    );
  });

  it("of a later release are refused", () => {
    expect(() => decodeAccuracy(new BinaryWriter().uint32(2).uint32(0).finish())).toThrow(/got version 2/);
  });
});

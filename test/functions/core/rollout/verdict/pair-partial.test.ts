import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ScoredOutcome } from "../../../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { type PairLosses, pairLossesOf } from "../../../../../functions/core/rollout/verdict/pair-losses.ts";
import {
  addPair,
  decodePairs,
  emptyPairs,
  encodePairs,
  totalPairs,
} from "../../../../../functions/core/rollout/verdict/pair-partial.ts";

const binary = (score: number, label: number): ScoredOutcome => ({
  kind: "binary",
  score,
  label,
  threshold: 0.5,
});
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const pairs = fc.array(
  fc
    .tuple(unit, unit, fc.constantFrom(0, 1))
    .map(([a, b, label]) => pairLossesOf(binary(a, label), binary(b, label))!),
  { maxLength: 30 },
);

function partialOf(all: readonly PairLosses[]) {
  const partial = emptyPairs();
  for (const each of all) addPair(partial, each);
  return partial;
}

describe("the losses of a pair", () => {
  it.each<[string, ScoredOutcome, ScoredOutcome, number[]]>([
    ["Brier scores", binary(0.25, 1), binary(0.5, 1), [0.5625, 0.25, Math.log(4), Math.log(2)]],
    [
      "squared errors over the classes",
      { kind: "classes", scores: [0.5, 0.25, 0.25], label: 0 },
      { kind: "classes", scores: [1, 0, 0], label: 0 },
      [0.375, 0, Math.log(2), 0],
    ],
    [
      "squared errors of numbers",
      { kind: "number", score: 7, label: 10 },
      { kind: "number", score: 12, label: 10 },
      [9, 4, 0, 0],
    ],
  ])("are %s", (_, champion, other, [loss, otherLoss, logLoss, otherLogLoss]) => {
    const got = pairLossesOf(champion, other)!;
    expect(got.champion.loss).toBe(loss);
    expect(got.other.loss).toBe(otherLoss);
    expect(got.champion.logLoss).toBeCloseTo(logLoss!, 12);
    expect(got.other.logLoss).toBeCloseTo(otherLogLoss!, 12);
  });

  it.each<[string, ScoredOutcome | undefined]>([
    ["no score", undefined],
    ["a score of another kind", { kind: "number", score: 1, label: 1 }],
    ["no finite score", binary(Number.NaN, 1)],
  ])("are none where one has %s", (_, scored) => {
    expect(pairLossesOf(binary(0.5, 1), scored)).toBeUndefined();
    expect(pairLossesOf(scored, binary(0.5, 1))).toBeUndefined();
  });
});

describe("a partial of pairs", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const partial = partialOf(all);
        expect(decodePairs(encodePairs(partial))).toEqual(partial);
      }),
    );
  });

  it("holds as much in parts as at once", () => {
    fc.assert(
      fc.property(pairs, pairs, (some, others) => {
        const parts = totalPairs([partialOf(some), partialOf(others), emptyPairs()]);
        const whole = partialOf([...some, ...others]);
        for (const [name, value] of Object.entries(parts))
          expect(value).toBeCloseTo(whole[name as keyof typeof whole], 9);
      }),
    );
  });

  it("takes at most 60 bytes", () => {
    expect(encodePairs({ ...partialOf([]), count: 2 ** 32 - 1 }).byteLength).toBeLessThanOrEqual(60);
  });

  it("of another version is refused", () => {
    expect(() => decodePairs(Uint8Array.of(2, 0))).toThrow("pairs: got version 2, expected 1");
  });
});

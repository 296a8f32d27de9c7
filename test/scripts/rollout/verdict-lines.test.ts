import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { rollout } from "../../../functions/contract/rollout.ts";
import { emptyPairs } from "../../../functions/core/rollout/verdict/pair-partial.ts";
import type { PairSegment, StoredPairs } from "../../../functions/core/rollout/verdict/pair-store.ts";
import type { ModelVerdict } from "../../../functions/core/rollout/verdict/read-verdict.ts";
import { type VerdictInput, verdictOf } from "../../../functions/core/rollout/verdict/verdict.ts";
import { verdictLines } from "../../../scripts/rollout/verdict-lines.ts";

const dayMs = 86_400_000;

function days(count: number, segment?: PairSegment): StoredPairs[] {
  return Array.from({ length: count }, (_, day) => {
    const difference = [-0.0012, -0.0004][day % 2]!;
    return {
      hour: new Date(day * dayMs).toISOString().slice(0, 13),
      ...{ champion: "a", other: "b", role: "challenger", segment },
      partial: {
        ...{ ...emptyPairs(), count: 10_000, differenceSum: 10_000 * difference },
        ...{ championLossSum: 1_400, otherLossSum: 1_400 + 10_000 * difference },
        ...{ championLogLossSum: 4_400, otherLogLossSum: 4_300 },
      },
    };
  });
}

function linesOf(input: Partial<VerdictInput>, parts: Partial<ModelVerdict> = {}) {
  const verdict = verdictOf({
    ...{ pairs: [], segments: {}, rules: rollout.parse({}), guard: undefined, hasLogLoss: true },
    closedMs: 30 * dayMs,
    ...input,
  });
  const versions = { champion: "a".repeat(64) as ModelDigest, other: "b".repeat(64) as ModelDigest };
  return verdictLines({ role: "challenger", ...versions, loss: "Brier score", verdict, ...parts });
}

describe("a verdict in the terminal", () => {
  it("says what to do, and on which numbers", () => {
    const pairs = [...days(31), ...days(31, { name: "hub", value: "ORD" })];
    const counts = { asked: 1_000, rows: 1_000, failed: 0, runMs: 100 };
    const lines = linesOf({
      pairs,
      segments: { hub: { values: ["ORD"] } },
      auc: { champion: 0.7101, other: 0.7153 },
      guard: { champion: counts, other: { ...counts, failed: 2, runMs: 150 } },
    });
    expect(lines).toEqual([
      "challenger bbbbbbbbbbbb beside champion aaaaaaaaaaaa: PROMOTE, it is better than the champion, and worse in no segment",
      "  outcomes                 300,000 in 30 days; 10,000 more of days that are not over",
      "  Brier score, difference  −0.00080",
      expect.stringMatching(
        /^ {4}lies within {12}−0\.00\d{3} to −0\.00\d{3}, 97\.5 % sure at all looks together$/,
      ),
      expect.stringMatching(/^ {4}found by now {11}differences from 0\.000\d\d on, in 4 of 5 cases$/),
      "",
      "  all so far   champion  challenger",
      "  Brier score   0.14000     0.13919",
      "  log-loss      0.44000     0.43000",
      "  AUC           0.71010     0.71530",
      "",
      expect.stringMatching(/^ {2}segment {2}value {5}outcomes {2}difference {2}lies within +finding$/),
      expect.stringMatching(
        /^ {2}hub {6}ORD {8}300,000 {4}−0\.00080 {2}−0\.00\d{3} to −0\.00\d{3} {2}better$/,
      ),
      expect.stringMatching(/^ {2}hub {6}\(others\) {9}0 {11}– {2}– +open$/),
      "",
      "  guard rail     got  allowed",
      "  latency     1.50 ×   3.00 ×",
      "  errors       0.2 %      1 %",
      "  rejects        0 %      1 %",
    ]);
  });

  it("has a dash for what is not known yet", () => {
    expect(linesOf({}, { role: "shadow", loss: "squared error" })).toEqual([
      "shadow bbbbbbbbbbbb beside champion aaaaaaaaaaaa: HOLD, 0 outcomes of days that are over, 1000 are needed",
      "  outcomes                   0 in 0 days",
      "  squared error, difference  –",
      "    lies within              –, 95 % sure at all looks together",
      "    found by now             nothing yet: too few days",
      "",
      "  guard rail  got  allowed",
      "  latency       –   3.00 ×",
      "  errors        –      1 %",
      "  rejects       –      1 %",
    ]);
  });

  it("marks a guard rail that is broken", () => {
    const counts = { asked: 1_000, rows: 1_000, failed: 0, runMs: 100 };
    const lines = linesOf({ guard: { champion: counts, other: { ...counts, failed: 20 } } });
    expect(lines[0]).toContain("ROLL BACK, guard rail broken: errors");
    expect(lines.at(-2)).toBe("  errors         2 %      1 %  BROKEN");
  });
});

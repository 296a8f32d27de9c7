import { describe, expect, it } from "vitest";
import { rollout } from "../../../../../functions/contract/rollout.ts";
import type { ServingCounts } from "../../../../../functions/core/rollout/verdict/guard-rails.ts";
import { blockDependence, blockMs } from "../../../../../functions/core/rollout/verdict/outcome-blocks.ts";
import { emptyPairs } from "../../../../../functions/core/rollout/verdict/pair-partial.ts";
import type { PairSegment, StoredPairs } from "../../../../../functions/core/rollout/verdict/pair-store.ts";
import { tConfidenceSequence } from "../../../../../functions/core/rollout/verdict/t-confidence-sequence.ts";
import { type VerdictInput, verdictOf } from "../../../../../functions/core/rollout/verdict/verdict.ts";

const rules = rollout.parse({});
const firstMs = Math.ceil(Date.UTC(2001, 0, 1) / blockMs) * blockMs;
const countPerBlock = 1_000;
/** What keeps blocks from being all alike. */
const noise = [0.0004, -0.0007, 0.0009, -0.0002, -0.0005, 0.0001, 0.0006, -0.0006];

/** One hour of pairs in each of some blocks, of a mean difference and some noise about it. */
function blocks(
  difference: number,
  { count = 24, segment }: { readonly count?: number; readonly segment?: PairSegment } = {},
): StoredPairs[] {
  return Array.from({ length: count }, (_, i) => {
    const differenceSum = countPerBlock * (difference + noise[i % noise.length]!);
    return {
      hour: new Date(firstMs + i * blockMs + 3_600_000 * (i % 23)).toISOString().slice(0, 13),
      ...{ champion: "a", other: "b", role: "challenger", segment },
      partial: {
        ...emptyPairs(),
        ...{ count: countPerBlock, differenceSum, championLossSum: 150, otherLossSum: 150 + differenceSum },
        ...{ championLogLossSum: 400, otherLogLossSum: 300 },
      },
    };
  });
}

function judge(parts: Partial<VerdictInput> = {}) {
  return verdictOf({
    ...{ pairs: [], segments: {}, rules, guard: undefined, hasLogLoss: true },
    closedMs: firstMs + 100 * blockMs,
    ...parts,
  });
}

describe("a version that is compared with the champion", () => {
  it.each([
    ["promoted", "better", -0.005, "promote"],
    ["rolled back", "worse", 0.005, "roll back"],
    ["held", "neither", 0.0001, "hold"],
  ])("is %s where it is %s", (_, __, difference, decision) => {
    const verdict = judge({ pairs: blocks(difference) });
    expect(verdict.decision).toBe(decision);
    expect(verdict).toMatchObject({ count: 24_000, blockCount: 24, alpha: 0.05, openCount: 0 });
    expect(verdict.difference).toBeCloseTo(difference, 12);
    const sums = blocks(difference).map(({ partial }) => ({
      count: partial.count,
      sum: partial.differenceSum,
    }));
    const { low, high } = tConfidenceSequence(sums, { alpha: 0.05, dependence: blockDependence });
    expect(verdict.interval).toEqual([low, high]);
    expect(verdict.detectable).toBeGreaterThan((high - low) / 2);
  });

  it("is held without outcomes", () => {
    expect(judge()).toMatchObject({
      ...{ decision: "hold", count: 0, blockCount: 0, interval: [null, null], detectable: null },
      shown: { champion: { loss: undefined }, other: { loss: undefined } },
    });
  });

  it("is held below the outcomes that the rules ask for, and with too few blocks", () => {
    const pairs = blocks(-0.005);
    expect(judge({ pairs, rules: { ...rules, minOutcomes: 24_000 } }).decision).toBe("promote");
    const few = judge({ pairs, rules: { ...rules, minOutcomes: 24_001 } });
    expect(few).toMatchObject({
      decision: "hold",
      why: "24000 outcomes of days that are over, 24001 are needed",
    });
    expect(judge({ pairs: blocks(-0.005, { count: 2 }) })).toMatchObject({
      ...{ decision: "hold", interval: [null, null] },
      why: "2 days of outcomes are over, too few to tell",
    });
  });

  it("is judged by blocks that are over, all hours of one together", () => {
    const pairs = blocks(-0.005).flatMap((each) => {
      const half = { ...each.partial, count: 500, differenceSum: each.partial.differenceSum / 2 };
      const later = new Date(Date.parse(`${each.hour}:00:00Z`) + 3_600_000).toISOString().slice(0, 13);
      return [
        { ...each, partial: half },
        { ...each, hour: later, partial: half },
      ];
    });
    const closedMs = firstMs + 24 * blockMs;
    expect(judge({ pairs, closedMs })).toMatchObject({ count: 24_000, blockCount: 24, openCount: 0 });
    expect(judge({ pairs, closedMs: closedMs - 1 })).toMatchObject({
      ...{ count: 23_000, blockCount: 23, openCount: 1_000 },
    });
    expect(judge({ pairs, closedMs: -Infinity })).toMatchObject({ count: 0, openCount: 24_000 });
  });

  it("shows means over all outcomes so far, which decide nothing", () => {
    const auc = { champion: 0.6, other: 0.7 };
    const verdict = judge({ pairs: blocks(0), closedMs: -Infinity, auc });
    expect(verdict.decision).toBe("hold");
    expect(verdict.shown.champion).toEqual({ loss: 0.15, logLoss: 0.4, auc: 0.6 });
    expect(verdict.shown.other).toMatchObject({ logLoss: 0.3, auc: 0.7 });
    expect(judge({ pairs: blocks(0), hasLogLoss: false }).shown.champion.logLoss).toBeUndefined();
  });
});

describe("segments", () => {
  const segments = { hub: { values: ["ORD", "ATL"] }, early: { values: [true] } };
  const hub = (value: string | null) => ({ name: "hub", value });

  it("get a verdict each, at an even part of half of alpha; the other half is for all together", () => {
    const verdict = judge({
      segments,
      pairs: [
        ...blocks(-0.005),
        ...blocks(-0.02, { segment: hub("ORD") }),
        ...blocks(0, { segment: hub(null) }),
      ],
    });
    expect(verdict).toMatchObject({ decision: "promote", alpha: 0.025 });
    expect(verdict.segments.map(({ name, value, finding, count }) => [name, value, finding, count])).toEqual([
      ["hub", "ORD", "better", 24_000],
      ["hub", "ATL", "open", 0],
      ["hub", null, "open", 24_000],
      ["early", "true", "open", 0],
      ["early", null, "open", 0],
    ]);
    for (const each of verdict.segments) expect(each.alpha).toBeCloseTo(0.005, 12);
    const total = verdict.segments.reduce((sum, { alpha }) => sum + alpha, verdict.alpha);
    expect(total).toBeCloseTo(rules.alpha, 12);
  });

  it("in which it is worse roll it back, whatever it is over all", () => {
    const pairs = [...blocks(-0.005), ...blocks(0.02, { segment: hub("ATL") })];
    expect(judge({ pairs, segments })).toMatchObject({
      decision: "roll back",
      why: "it is worse than the champion in hub ATL",
    });
    // What the package does not declare any more is not looked at.
    expect(judge({ pairs, segments: { hub: { values: ["ORD"] } } }).decision).toBe("promote");
  });
});

describe("guard rails", () => {
  const champion: ServingCounts = { asked: 1_000, rows: 1_000, failed: 0, runMs: 100 };
  const broken = (other: Partial<ServingCounts>) => {
    const verdict = judge({ pairs: blocks(-0.005), guard: { champion, other: { ...champion, ...other } } });
    expect(verdict.decision).toBe(
      verdict.guardRails.some(({ isBroken }) => isBroken) ? "roll back" : "promote",
    );
    return verdict.guardRails.flatMap(({ name, isBroken }) => (isBroken ? [name] : []));
  };

  it("stand where what is allowed is not exceeded", () => {
    expect(broken({})).toEqual([]);
    expect(broken({ failed: 10 })).toEqual([]);
    expect(broken({ runMs: 300 })).toEqual([]);
    expect(broken({ asked: 1_000, rows: 990, runMs: 99 })).toEqual([]);
  });

  it("break beyond it, and roll back however good it is", () => {
    expect(broken({ failed: 11 })).toEqual(["errors"]);
    expect(broken({ runMs: 301 })).toEqual(["latency"]);
    expect(broken({ asked: 1_000, rows: 989, runMs: 99 })).toEqual(["rejects"]);
    expect(broken({ rows: 0, runMs: 0 })).toEqual(["rejects"]);
  });

  it("say what was measured and what is allowed, and roll back before there are outcomes", () => {
    const verdict = judge({ guard: { champion, other: { ...champion, failed: 500, runMs: 200 } } });
    expect(verdict).toMatchObject({ decision: "roll back", why: "guard rail broken: errors" });
    expect(verdict.guardRails).toEqual([
      { name: "latency", got: 2, allowed: 3, isBroken: false },
      { name: "errors", got: 0.5, allowed: 0.01, isBroken: true },
      { name: "rejects", got: 0, allowed: 0.01, isBroken: false },
    ]);
  });

  it("say nothing by fewer than 100 rows, nor where nobody counted", () => {
    const few = { asked: 99, rows: 99, failed: 99, runMs: 99_000 };
    expect(broken(few)).toEqual([]);
    expect(broken({ ...few, asked: 100, rows: 100 })).toEqual(["latency", "errors"]);
    expect(judge().guardRails.map(({ got, isBroken }) => [got, isBroken])).toEqual(
      Array.from({ length: 3 }, () => [undefined, false]),
    );
  });
});

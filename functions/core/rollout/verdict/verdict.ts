import type { RolloutRules } from "../../../contract/rollout.ts";
import type { Segment } from "../../../contract/segment.ts";
import { detectableAfter, noiseOf } from "./detectable-difference.ts";
import { type GuardRail, guardRails, type ServingCounts } from "./guard-rails.ts";
import { blockDependence, outcomeBlocks } from "./outcome-blocks.ts";
import { totalPairs } from "./pair-partial.ts";
import type { PairSegment, StoredPairs } from "./pair-store.ts";
import { tConfidenceSequence } from "./t-confidence-sequence.ts";

export type Decision = "promote" | "hold" | "roll back";

/** Whether a version is better or worse than the champion, and how sure that is. */
export interface Verdict extends Comparison {
  readonly decision: Decision;
  readonly why: string;
  /** Outcomes that count once their block is over. */
  readonly openCount: number;
  readonly segments: readonly SegmentComparison[];
  readonly guardRails: readonly GuardRail[];
  /** Means of both over all outcomes so far, open blocks included: shown, not decisive. */
  readonly shown: { readonly champion: ShownFigures; readonly other: ShownFigures };
}

/** The other's loss less the champion's, per outcome: below 0 where the other is better. */
export interface Comparison {
  /** Mean; undefined, as what follows from it, while no block is over. */
  readonly difference: number | undefined;
  /** Where the true mean lies, with probability `1 - alpha` at all looks together; null for a bound that is not known yet. */
  readonly interval: readonly [low: number | null, high: number | null];
  /** Outcomes in blocks that are over. */
  readonly count: number;
  readonly blockCount: number;
  readonly alpha: number;
  /** The difference that is found in four of five cases after so many outcomes; null while none is. */
  readonly detectable: number | null;
}

export interface SegmentComparison extends Comparison, PairSegment {
  readonly finding: "better" | "worse" | "open";
}

export interface ShownFigures {
  readonly loss: number | undefined;
  /** In nats; undefined where numbers are predicted. */
  readonly logLoss: number | undefined;
  readonly auc: number | undefined;
}

export interface VerdictInput {
  /** Of one pair of versions and one role: over all, and by segment. */
  readonly pairs: readonly StoredPairs[];
  /** As the package declares them. */
  readonly segments: Readonly<Record<string, Pick<Segment, "values">>>;
  readonly rules: RolloutRules;
  /** Up to here all outcomes are there, epoch milliseconds. */
  readonly closedMs: number;
  /** How both fared on the same events lately; undefined where nobody counted. */
  readonly guard: { readonly champion: ServingCounts; readonly other: ServingCounts } | undefined;
  /** Areas under the curve, where scores are probabilities of a yes. */
  readonly auc?: { readonly champion: number | undefined; readonly other: number | undefined };
  /** Whether log-losses were counted: not where numbers are predicted. */
  readonly hasLogLoss: boolean;
}

/**
 * Compare a version with the champion.
 *
 * At most a share `alpha` of comparisons of equal versions ever ends in `promote` or in a `roll back` by outcomes, however often one
 * looks; where segments are declared, half of it is kept for them, divided evenly among their values. Guard rails are
 * measured, not tested, and come first.
 */
export function verdictOf(input: VerdictInput): Verdict {
  const { pairs, segments, rules, closedMs, guard, auc } = input;
  const parts = partsOf(segments);
  const alpha = parts.length === 0 ? rules.alpha : rules.alpha / 2;
  const overall = pairs.filter(({ segment }) => segment === undefined);
  const { openCount, ...comparison } = compare(overall, closedMs, alpha);
  const compared = parts.map((part): SegmentComparison => {
    const own = pairs.filter(({ segment }) => segment?.name === part.name && segment.value === part.value);
    const { openCount: _, ...rest } = compare(own, closedMs, rules.alpha / 2 / parts.length);
    return { ...part, ...rest, finding: findingOf(rest) };
  });
  const rails = guardRails(rules, guard);
  const total = totalPairs(overall.map(({ partial }) => partial));
  const mean = (sum: number) => (total.count === 0 ? undefined : sum / total.count);
  const shown = (loss: number, logLoss: number, area: number | undefined): ShownFigures => ({
    ...{ loss: mean(loss), logLoss: input.hasLogLoss ? mean(logLoss) : undefined, auc: area },
  });
  return {
    ...decide({ comparison, segments: compared, rails, rules }),
    ...comparison,
    openCount,
    segments: compared,
    guardRails: rails,
    shown: {
      champion: shown(total.championLossSum, total.championLogLossSum, auc?.champion),
      other: shown(total.otherLossSum, total.otherLogLossSum, auc?.other),
    },
  };
}

/** Every declared value, and all others of its segment together. */
function partsOf(segments: VerdictInput["segments"]): readonly PairSegment[] {
  return Object.entries(segments).flatMap(([name, { values }]) =>
    [...new Set(values.map(String)), null].map((value) => ({ name, value })),
  );
}

function compare(
  pairs: readonly StoredPairs[],
  closedMs: number,
  alpha: number,
): Comparison & { readonly openCount: number } {
  const { blocks, openCount } = outcomeBlocks(pairs, closedMs);
  const blockCount = blocks.length;
  const rules = { alpha, dependence: blockDependence };
  const count = blocks.reduce((total, block) => total + block.count, 0);
  if (blockCount === 0) {
    return {
      difference: undefined,
      interval: [null, null],
      count,
      blockCount,
      alpha,
      detectable: null,
      openCount,
    };
  }
  const { mean, low, high } = tConfidenceSequence(blocks, rules);
  const noise = noiseOf(blocks);
  const detectable = noise && finite(detectableAfter(blockCount, noise, rules));
  return {
    ...{ difference: mean, interval: [finite(low), finite(high)], count, blockCount, alpha, openCount },
    detectable: detectable ?? null,
  };
}

function findingOf({ interval: [low, high] }: Comparison): SegmentComparison["finding"] {
  if (low !== null && low > 0) return "worse";
  return high !== null && high < 0 ? "better" : "open";
}

interface Grounds {
  readonly comparison: Comparison;
  readonly segments: readonly SegmentComparison[];
  readonly rails: readonly GuardRail[];
  readonly rules: RolloutRules;
}

function decide({ comparison, segments, rails, rules }: Grounds): Pick<Verdict, "decision" | "why"> {
  const broken = rails.filter(({ isBroken }) => isBroken).map(({ name }) => name);
  if (broken.length > 0) return { decision: "roll back", why: `guard rail broken: ${broken.join(", ")}` };
  const { count, blockCount } = comparison;
  if (count < rules.minOutcomes) {
    return {
      decision: "hold",
      why: `${count} outcomes of days that are over, ${rules.minOutcomes} are needed`,
    };
  }
  const finding = findingOf(comparison);
  if (finding === "worse") return { decision: "roll back", why: "it is worse than the champion" };
  const worse = segments.filter((each) => each.finding === "worse");
  if (worse.length > 0) {
    const names = worse.map(({ name, value }) => `${name} ${value ?? "(others)"}`).join(", ");
    return { decision: "roll back", why: `it is worse than the champion in ${names}` };
  }
  if (finding === "better")
    return { decision: "promote", why: "it is better than the champion, and worse in no segment" };
  if (comparison.interval[0] === null) {
    return { decision: "hold", why: `${blockCount} days of outcomes are over, too few to tell` };
  }
  return { decision: "hold", why: "neither better nor worse beyond chance" };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

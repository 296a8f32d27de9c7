import type { Prediction } from "../../../functions/contract/prediction.ts";
import {
  type AccuracyFigures,
  type AccuracyPartial,
  accuracyOf,
  addOutcome,
  emptyAccuracy,
} from "../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { compileScorer } from "../../../functions/core/outcome/score-outcome.ts";
import { percentiles } from "../../summary/percentile.ts";
import { shownOutput, type VersionReplay } from "./replay-version.ts";

/** How far two versions' scores of the same events lie apart; of lists the greatest difference of an element counts. */
export interface ScoreDifferences {
  readonly count: number;
  /** Share of events with equal scores. */
  readonly equalRatio: number;
  /** Version less champion; null for lists. */
  readonly mean: number | null;
  /** Of the sizes. */
  readonly meanSize: number;
  readonly p50: number;
  readonly p99: number;
  readonly greatest: number;
  /** Where the greatest is. */
  readonly greatestAt: string;
}

/** Two versions over the same events. */
export interface Comparison {
  readonly answeredByBoth: number;
  readonly byChampionOnly: number;
  readonly byVersionOnly: number;
  /** Undefined where no event has a score of both. */
  readonly scores: ScoreDifferences | undefined;
  /** Over the events that both answered and whose outcome is known; undefined where there are none. */
  readonly accuracy: { readonly champion: AccuracyFigures; readonly version: AccuracyFigures } | undefined;
}

/** Compare what two versions said of the same span. */
export function compareAnswers(version: VersionReplay, champion: VersionReplay): Comparison {
  const [ours, theirs] = [shownOutput(version.package), shownOutput(champion.package)];
  const scoreOurs = compileScorer(version.package);
  const scoreTheirs = compileScorer(champion.package);
  const sizes: number[] = [];
  let [sum, equalCount, listCount, answeredByBoth] = [0, 0, 0, 0];
  let greatest = { size: -1, eventId: "" };
  let accuracy: { readonly champion: AccuracyPartial; readonly version: AccuracyPartial } | undefined;
  for (const [eventId, answer] of version.answers) {
    const other = champion.answers.get(eventId);
    if (other === undefined) continue;
    answeredByBoth++;
    const [a, b] = [answer.outputs[ours]!, other.outputs[theirs]!];
    const size = sizeOfDifference(a, b);
    if (size !== undefined) {
      sizes.push(size);
      if (size === 0) equalCount++;
      if (size > greatest.size) greatest = { size, eventId };
      if (typeof a === "number" && typeof b === "number") sum += a - b;
      else listCount++;
    }
    const label = answer.label ?? other.label;
    if (label === undefined) continue;
    const [scored, otherScored] = [scoreOurs(answer.outputs, label), scoreTheirs(other.outputs, label)];
    if (scored === undefined || otherScored === undefined) continue;
    accuracy ??= { champion: emptyAccuracy(otherScored), version: emptyAccuracy(scored) };
    addOutcome(accuracy.version, scored);
    addOutcome(accuracy.champion, otherScored);
  }
  const [p50, p99] = percentiles(sizes, [0.5, 0.99]);
  return {
    answeredByBoth,
    byChampionOnly: champion.answers.size - answeredByBoth,
    byVersionOnly: version.answers.size - answeredByBoth,
    scores:
      sizes.length === 0
        ? undefined
        : {
            count: sizes.length,
            equalRatio: equalCount / sizes.length,
            mean: listCount > 0 ? null : sum / sizes.length,
            meanSize: sizes.reduce((total, size) => total + size, 0) / sizes.length,
            p50: p50!,
            p99: p99!,
            greatest: greatest.size,
            greatestAt: greatest.eventId,
          },
    accuracy: accuracy && { champion: accuracyOf(accuracy.champion), version: accuracyOf(accuracy.version) },
  };
}

type Value = Prediction["outputs"][string];

/** @returns undefined for what is no number, or lists of two lengths. */
function sizeOfDifference(a: Value, b: Value): number | undefined {
  if (typeof a === "number" && typeof b === "number") return Math.abs(a - b);
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return undefined;
  const sizes = a.map((each, i) => sizeOfDifference(each, b[i]!));
  return sizes.every((size) => size !== undefined) ? Math.max(...sizes) : undefined;
}

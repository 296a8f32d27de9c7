import type { ScoredOutcome } from "../../outcome/accuracy/accuracy-partial.ts";
import { lossesOf } from "../../outcome/score-outcome.ts";

/** What the champion and another version lost on one event. */
export interface PairLosses {
  readonly champion: VersionLoss;
  readonly other: VersionLoss;
}

export interface VersionLoss {
  /** What the verdict is on: Brier score (classes: squared errors summed over them), squared error for numbers. */
  readonly loss: number;
  /** In nats; 0 where a number is predicted, which has none. */
  readonly logLoss: number;
}

/** @returns undefined where one of the two has no score that can be compared. */
export function pairLossesOf(
  champion: ScoredOutcome | undefined,
  other: ScoredOutcome | undefined,
): PairLosses | undefined {
  if (champion === undefined || champion.kind !== other?.kind) return undefined;
  const pair = { champion: versionLossOf(champion), other: versionLossOf(other) };
  // A score that is no finite number would make every sum that it is counted into one, too.
  return Number.isFinite(pair.champion.loss) && Number.isFinite(pair.other.loss) ? pair : undefined;
}

function versionLossOf(scored: ScoredOutcome): VersionLoss {
  const { Brier, SquaredError, LogLoss = 0 } = lossesOf(scored);
  return { loss: (Brier ?? SquaredError)!, logLoss: LogLoss };
}

import type { Training } from "../../../contract/training.ts";
import type { HoldoutFigures } from "./holdout-figures.ts";

/** One thing that a new version must reach. */
export interface Gate {
  /** `labels` is the one that no package sets: it asks whether the labels can be what the champion was trained on. */
  readonly name: keyof Training["gates"] | "labels";
  readonly got: number;
  /** Greatest value allowed. */
  readonly allowed: number;
  readonly isPassed: boolean;
}

/** Deviations below chance from which on the champion cannot be so wrong by chance: once in 30,000 evaluations. */
const chanceDeviations = 4;

/**
 * Hold a new version against the champion, both on the same held-out rows.
 *
 * A gate whose figure there is not, such as the AUC of numbers, is left out.
 */
export function gatesOf(
  challenger: HoldoutFigures,
  champion: HoldoutFigures,
  rules: Training["gates"],
): readonly Gate[] {
  // What is no number passes nothing.
  const against = (name: Gate["name"], got: number, allowed: number): Gate => ({
    ...{ name, got, allowed, isPassed: got <= allowed },
  });
  const gate = (name: keyof Training["gates"], got: number | undefined): Gate[] =>
    got === undefined ? [] : [against(name, got, rules[name])];
  const fall =
    champion.auc === undefined || challenger.auc === undefined ? undefined : champion.auc - challenger.auc;
  return [
    ...gate("logLoss", challenger.loss - champion.loss),
    ...gate("auc", fall),
    ...gate("calibration", challenger.calibration),
    ...gate("latencyRatio", challenger.latencyUs / champion.latencyUs),
    ...gate("sizeBytes", challenger.sizeBytes),
    // A champion far below chance is no bad champion: the labels say the opposite of those that it was trained on.
    ...(champion.auc === undefined || champion.chanceDeviation === undefined
      ? []
      : [against("labels", 0.5 - champion.auc, chanceDeviations * champion.chanceDeviation)]),
  ];
}

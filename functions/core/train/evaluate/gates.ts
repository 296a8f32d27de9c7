import type { Training } from "../../../contract/training.ts";
import type { HoldoutFigures } from "./holdout-figures.ts";

/** One thing that a new version must reach. */
export interface Gate {
  readonly name: keyof Training["gates"];
  readonly got: number;
  /** Greatest value allowed. */
  readonly allowed: number;
  readonly isPassed: boolean;
}

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
  const gate = (name: Gate["name"], got: number | undefined): Gate[] =>
    got === undefined
      ? []
      : // What is no number passes nothing.
        [{ name, got, allowed: rules[name], isPassed: got <= rules[name] }];
  const fall =
    champion.auc === undefined || challenger.auc === undefined ? undefined : champion.auc - challenger.auc;
  return [
    ...gate("logLoss", challenger.loss - champion.loss),
    ...gate("auc", fall),
    ...gate("calibration", challenger.calibration),
    ...gate("latencyRatio", challenger.latencyUs / champion.latencyUs),
    ...gate("sizeBytes", challenger.sizeBytes),
  ];
}

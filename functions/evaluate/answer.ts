import type { EvaluateOutput } from "../contract/learning.ts";
import type { TrainingManifest } from "../contract/training-data.ts";
import type { Gate } from "../core/train/evaluate/gates.ts";
import type { HoldoutFigures } from "../core/train/evaluate/holdout-figures.ts";

type JsonFigures = EvaluateOutput["champion"];

/** Figures as JSON carries them: null is what is no number. */
export function asJson({ rows, sizeBytes, auc, calibration, ...figures }: HoldoutFigures): JsonFigures {
  return {
    ...{ rows, sizeBytes, loss: orNull(figures.loss), brier: orNull(figures.brier) },
    latencyUs: orNull(figures.latencyUs),
    ...(auc !== undefined && { auc: orNull(auc) }),
    ...(calibration !== undefined && { calibration: orNull(calibration) }),
  };
}

/** Of a model that said nothing that could be measured. */
export function refusedFigures(sizeBytes: number): JsonFigures {
  return { rows: 0, loss: null, brier: null, latencyUs: null, sizeBytes };
}

/** The gates that were failed, in words. */
export function failedWords(gates: readonly Gate[]): string {
  return gates
    .filter(({ isPassed }) => !isPassed)
    .map(({ name, got, allowed }) => `${what[name]}: got ${rounded(got)}, allowed ${rounded(allowed)}`)
    .join("; ");
}

const what: Readonly<Record<Gate["name"], string>> = {
  logLoss: "rise of the loss",
  auc: "fall of AUC",
  calibration: "calibration error",
  latencyRatio: "time per row, by the champion's",
  sizeBytes: "bytes of the model",
  labels: "the champion's AUC below chance, as when labels are flipped",
};

/** By how much a version is better, in words. */
export function betterWords(
  { champion, challenger }: Readonly<Record<"champion" | "challenger", HoldoutFigures>>,
  { label }: Pick<TrainingManifest, "label">,
): string {
  const loss = label.kind === "number" ? "root mean squared error" : "log-loss";
  const words = [`${loss} ${rounded(challenger.loss)}, champion ${rounded(champion.loss)}`];
  if (challenger.auc !== undefined && champion.auc !== undefined)
    words.push(`AUC ${rounded(challenger.auc)}, champion ${rounded(champion.auc)}`);
  return `${words.join("; ")}; on ${challenger.rows} held-out rows`;
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

import type { ModelPackage } from "../../contract/model-package.ts";
import { scoredOutput } from "../../contract/package-problems.ts";
import type { Prediction } from "../../contract/prediction.ts";
import type { ScoredOutcome } from "./accuracy/accuracy-partial.ts";
import { brierOf } from "./accuracy/class-accuracy.ts";
import { logLossOf } from "./accuracy/losses.ts";

/**
 * Compares a prediction with the truth, as the package says.
 *
 * @returns undefined where the prediction, of another version maybe, has no such output or not of that kind.
 */
export type OutcomeScorer = (outputs: Prediction["outputs"], label: number) => ScoredOutcome | undefined;

/** Where no output of the package has a threshold on the scored one, one half is taken. */
const usualThreshold = 0.5;

export function compileScorer(pkg: Pick<ModelPackage, "outcome" | "outputs">): OutcomeScorer {
  const scored = scoredOutput(pkg);
  const classCount = pkg.outcome?.label.classes?.length ?? 0;
  const threshold = Object.values(pkg.outputs).flatMap((output) =>
    "threshold" in output && output.of === scored?.name ? [output.threshold] : [],
  )[0];
  return (outputs, label) => {
    const value = scored === undefined ? undefined : outputs[scored.name];
    if (scored?.kind === "classes") {
      const fits = Array.isArray(value) && value.length === classCount && value.every(isNumber);
      return fits ? { kind: "classes", scores: value, label } : undefined;
    }
    if (!isNumber(value)) return undefined;
    return scored?.kind === "binary"
      ? { kind: "binary", score: value, label, threshold: threshold ?? usualThreshold }
      : { kind: "number", score: value, label };
  };
}

/** What one outcome adds to the rolling metrics, by metric. */
export function lossesOf(scored: ScoredOutcome): Readonly<Record<string, number>> {
  switch (scored.kind) {
    case "binary":
      return {
        LogLoss: logLossOf(scored.score, scored.label === 1),
        Brier: (scored.score - scored.label) ** 2,
      };
    case "classes":
      return {
        LogLoss: logLossOf(scored.scores[scored.label]!, true),
        Brier: brierOf(scored.scores, scored.label),
      };
    case "number":
      return { SquaredError: (scored.score - scored.label) ** 2 };
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

import type { TrainingManifest } from "../../../contract/training-data.ts";
import { rowWidth } from "../training-rows.ts";
import type { HoldoutScores } from "./holdout-figures.ts";
import { createRowScorer, type ScorableModel } from "./row-scorer.ts";

export interface ScoreRowsOptions extends ScorableModel {
  readonly manifest: Pick<TrainingManifest, "features" | "label">;
  /** Rows as training data has them, [rows, width], part by part. */
  readonly rows: AsyncIterable<Float32Array>;
}

/**
 * Score training rows with a model. Memory holds one part beside the scores.
 *
 * @returns scores and labels of all rows.
 * @throws {ModelRunError} `run.failed` when it fails on rows, `run.output` when a score is missing or not finite.
 * @throws {ModelArtifactError} `model.package` when it has not the output that the manifest names.
 */
export async function scoreRows({ manifest, rows, ...model }: ScoreRowsOptions): Promise<HoldoutScores> {
  const scorer = createRowScorer(model, manifest);
  const length = rowWidth(manifest);
  const scores: Float32Array[] = [];
  const labels: Float32Array[] = [];
  for await (const part of rows) {
    scores.push(await scorer.score(part));
    labels.push(labelsOf(part, length));
  }
  return { scores: joined(scores), labels: joined(labels), width: scorer.width };
}

function labelsOf(rows: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length: rows.length / length }, (_, row) => rows[(row + 1) * length - 2]!);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

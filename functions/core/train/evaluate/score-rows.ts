import type { TrainingManifest } from "../../../contract/training-data.ts";
import { ModelArtifactError, ModelRunError } from "../../errors.ts";
import { createRowBuffers, type RowBuffers } from "../../features/row-buffers.ts";
import type { RowLayout } from "../../features/row-layout.ts";
import type { ModelSession } from "../../inference/model-session.ts";
import type { HoldoutScores } from "./holdout-figures.ts";

export interface ScoreRowsOptions {
  readonly session: ModelSession;
  readonly layout: RowLayout;
  readonly manifest: Pick<TrainingManifest, "features" | "label">;
  /** Rows as training data has them, [rows, width], part by part. */
  readonly rows: AsyncIterable<Float32Array>;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}

const chunkRows = 512;

/**
 * Score training rows with a model.
 *
 * @returns scores and labels of all rows, and the mean time of a row's run.
 * @throws {ModelRunError} `run.failed` when it fails on rows, `run.output` when a score is not finite.
 * @throws {ModelArtifactError} `model.package` when it has not the output that the manifest names.
 */
export async function scoreRows(
  options: ScoreRowsOptions,
): Promise<HoldoutScores & { readonly latencyUs: number }> {
  const { session, manifest, nowMs } = options;
  const { output, index, kind, classes } = manifest.label;
  if (!session.outputs.some(({ name }) => name === output)) {
    const names = session.outputs.map(({ name }) => name).join(", ");
    throw new ModelArtifactError(
      `model: got the outputs ${names}, expected "${output}" among them, as model.json reads it; train a model with that output`,
      { code: "model.package" },
    );
  }
  const featureWidth = manifest.features.reduce((sum, { width }) => sum + width, 0);
  const buffers = createRowBuffers(options.layout, chunkRows);
  const width = kind === "classes" ? classes!.length : 1;
  const scores: number[] = [];
  const labels: number[] = [];
  let spentMs = 0;
  for await (const part of options.rows) {
    const count = part.length / (featureWidth + 2);
    for (let from = 0; from < count; from += chunkRows) {
      const to = Math.min(count, from + chunkRows);
      for (let row = from; row < to; row++) {
        const at = row * (featureWidth + 2);
        place(part.subarray(at, at + featureWidth), buffers, { ...options, row: row - from });
        labels.push(part[at + featureWidth]!);
      }
      const startedMs = nowMs();
      const tensors = await session.run(buffers.feeds(0, to - from), [output]);
      spentMs += nowMs() - startedMs;
      const { data } = tensors[output]!;
      const perRow = data.length / (to - from);
      for (let row = 0; row < to - from; row++)
        for (let i = 0; i < width; i++) {
          const score = Number(data[row * perRow + (kind === "classes" ? i : (index ?? 0))]);
          if (!Number.isFinite(score)) throw notFinite(output);
          scores.push(score);
        }
    }
  }
  return {
    ...{ scores: Float32Array.from(scores), labels: Float32Array.from(labels), width },
    latencyUs: labels.length === 0 ? 0 : (spentMs * 1000) / labels.length,
  };
}

/** Put a row's features where the model's inputs want them. */
function place(
  values: Float32Array,
  { arrays }: RowBuffers,
  { layout, manifest, row }: Pick<ScoreRowsOptions, "layout" | "manifest"> & { readonly row: number },
): void {
  let at = 0;
  manifest.features.forEach(({ width }, feature) => {
    const { input, column } = layout.placements[feature]!;
    const array = arrays[input]! as unknown as (number | bigint)[];
    const start = row * layout.inputs[input]!.width + column;
    const isBig = array instanceof BigInt64Array || array instanceof BigUint64Array;
    for (let i = 0; i < width; i++) {
      const value = values[at + i]!;
      array[start + i] = isBig ? BigInt(value) : value;
    }
    at += width;
  });
}

function notFinite(output: string): ModelRunError {
  return new ModelRunError(
    `model output "${output}": got a value that is not finite, expected finite numbers; check the training`,
    { code: "run.output" },
  );
}

import type { TrainingManifest } from "../../../contract/training-data.ts";
import { ModelArtifactError, ModelRunError } from "../../errors.ts";
import { createRowBuffers, type RowBuffers } from "../../features/row-buffers.ts";
import type { RowLayout } from "../../features/row-layout.ts";
import type { ModelSession } from "../../inference/model-session.ts";
import type { Tensor } from "../../inference/tensor.ts";

/** A model, and how training rows are laid out over its inputs. */
export interface ScorableModel {
  readonly session: ModelSession;
  readonly layout: RowLayout;
}

/** Scores training rows with one model. */
export interface RowScorer {
  /** Scores of a row: one, or one per class. */
  readonly width: number;
  /**
   * @param rows - as training data has them, row-major; label and weight are not looked at.
   * @returns [rows, width], row-major: probabilities of yes, one per class, or the numbers themselves.
   * @throws {ModelRunError} `run.failed` when it fails on rows, `run.output` when a score is missing or not finite.
   */
  score(rows: Float32Array): Promise<Float32Array>;
  /**
   * Keep rows to be run again and again, with nothing else to be done each time.
   *
   * @param count - rows of a run; where there are fewer they are repeated.
   */
  repeat(rows: Float32Array, count: number): () => Promise<void>;
}

const chunkRows = 512;

/** @throws {ModelArtifactError} `model.package` when the model has not the output that the manifest names. */
export function createRowScorer(
  { session, layout }: ScorableModel,
  { features, label }: Pick<TrainingManifest, "features" | "label">,
): RowScorer {
  const { output, index = 0, kind, classes } = label;
  if (!session.outputs.some(({ name }) => name === output)) {
    const names = session.outputs.map(({ name }) => name).join(", ");
    throw new ModelArtifactError(
      `model: got the outputs ${names}, expected "${output}" among them, as model.json reads it; train a model with that output`,
      { code: "model.package" },
    );
  }
  const rowWidth = features.reduce((sum, { width }) => sum + width, 0) + 2;
  const width = kind === "classes" ? classes!.length : 1;
  const first = kind === "classes" ? 0 : index;
  const buffers = createRowBuffers(layout, chunkRows);
  return { width, score, repeat };

  async function score(rows: Float32Array): Promise<Float32Array> {
    const count = rows.length / rowWidth;
    const scores = new Float32Array(count * width);
    for (let from = 0; from < count; from += chunkRows) {
      const to = Math.min(count, from + chunkRows);
      for (let row = from; row < to; row++) place(rows, row, { to: buffers, at: row - from });
      const tensors = await session.run(buffers.feeds(0, to - from), [output]);
      const read = readScores(tensors[output]!, to - from);
      for (let i = 0; i < read.length; i++) {
        if (!Number.isFinite(read[i])) throw wrongOutput(output, `${read[i]}`, "finite numbers");
      }
      scores.set(read, from * width);
    }
    return scores;
  }

  function repeat(rows: Float32Array, count: number): () => Promise<void> {
    const own = createRowBuffers(layout, count);
    for (let row = 0; row < count; row++) place(rows, row % (rows.length / rowWidth), { to: own, at: row });
    const feeds = own.feeds(0, count);
    return async () => void (await session.run(feeds, [output]));
  }

  function readScores({ data, shape }: Tensor, count: number): number[] {
    const perRow = data.length / count;
    if (shape[0] !== count || !(perRow >= first + width) || (kind === "classes" && perRow !== width)) {
      throw wrongOutput(
        output,
        `shape [${shape.join(", ")}]`,
        `[${count}, ${kind === "classes" ? width : `${first + width} or more`}]`,
      );
    }
    return Array.from({ length: count * width }, (_, i) =>
      Number(data[Math.floor(i / width) * perRow + first + (i % width)]),
    );
  }

  /** Put a row's features where the model's inputs want them. */
  function place(
    rows: Float32Array,
    row: number,
    { to: { arrays }, at }: { readonly to: RowBuffers; readonly at: number },
  ) {
    let from = row * rowWidth;
    for (const [feature, { width: columns }] of features.entries()) {
      const { input, column } = layout.placements[feature]!;
      const array = arrays[input]! as unknown as (number | bigint)[];
      const start = at * layout.inputs[input]!.width + column;
      const isBig = array instanceof BigInt64Array || array instanceof BigUint64Array;
      for (let i = 0; i < columns; i++) {
        const value = rows[from + i]!;
        array[start + i] = isBig ? BigInt(value) : value;
      }
      from += columns;
    }
  }
}

function wrongOutput(output: string, got: string, expected: string): ModelRunError {
  return new ModelRunError(`model output "${output}": got ${got}, expected ${expected}; check the training`, {
    code: "run.output",
  });
}

import type { TrainingManifest } from "../contract/training-data.ts";
import { type HoldoutFigures, holdoutFigures } from "../core/train/evaluate/holdout-figures.ts";
import type { ObjectReader } from "../core/train/examples/object-reader.ts";
import { readRows, rowWidth } from "../core/train/training-rows.ts";
import { predictTrees } from "../core/train/trees/predict-trees.ts";
import type { TreeEnsemble } from "../core/train/trees/tree-ensemble.ts";

/** Measure trees on the held-out rows, part by part. */
export async function measureTrees(
  store: Pick<ObjectReader, "get">,
  manifest: TrainingManifest,
  ensemble: TreeEnsemble,
): Promise<Omit<HoldoutFigures, "latencyUs" | "sizeBytes">> {
  const { label, holdout } = manifest;
  const rowLength = rowWidth(manifest);
  const featureCount = rowLength - 2;
  const width = label.kind === "classes" ? ensemble.baseMargins.length : 1;
  const scores = new Float32Array(holdout.rows * width);
  const labels = new Float32Array(holdout.rows);
  let at = 0;
  for await (const part of readRows(store, holdout, rowLength)) {
    const count = part.length / rowLength;
    const rows = new Float32Array(count * featureCount);
    for (let row = 0; row < count; row++) {
      const from = row * rowLength;
      rows.set(part.subarray(from, from + featureCount), row * featureCount);
      labels[at + row] = part[from + featureCount]!;
    }
    scores.set(predictTrees(ensemble, rows), at * width);
    at += count;
  }
  return holdoutFigures({ scores, width, labels }, label.kind);
}

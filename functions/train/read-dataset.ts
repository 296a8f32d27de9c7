import type { TrainingManifest, TrainingSlice } from "../contract/training-data.ts";
import type { ObjectReader } from "../core/train/examples/object-reader.ts";
import { readRows, rowWidth } from "../core/train/training-rows.ts";
import type { TreeDataset } from "../core/train/trees/tree-dataset.ts";

/**
 * Read a slice as columns. Beside them memory holds one part.
 *
 * @throws {ModelArtifactError} `model.package` where a part is gone, or is not what the manifest names.
 */
export async function readDataset(
  store: Pick<ObjectReader, "get">,
  manifest: TrainingManifest,
  slice: TrainingSlice,
): Promise<TreeDataset> {
  const width = rowWidth(manifest);
  const arrays = Array.from({ length: width }, () => new Float32Array(slice.rows));
  let at = 0;
  for await (const part of readRows(store, slice, width)) {
    const count = part.length / width;
    for (const [column, values] of arrays.entries())
      for (let row = 0; row < count; row++) values[at + row] = part[row * width + column]!;
    at += count;
  }
  return {
    rowCount: slice.rows,
    columns: arrays.slice(0, -2),
    categorical: categoryColumns(manifest),
    labels: arrays.at(-2)!,
    weights: arrays.at(-1)!,
  };
}

/** One-hot and tensor features are numbers, whatever is said of them: only a code in one column names a category. */
function categoryColumns({ features }: TrainingManifest): number[] {
  let next = 0;
  return features.flatMap(({ width, kind }) => {
    const column = next;
    next += width;
    return kind === "category" && width === 1 ? column : [];
  });
}

import type { TreeDataset } from "./tree-dataset.ts";
import type { TreeSettings } from "./tree-options.ts";

export interface HeldOut {
  readonly training: TreeDataset;
  /** `undefined` when nothing is held out. */
  readonly holdout: TreeDataset | undefined;
}

/** Hold out the newest rows where early stopping asks for it; both parts keep the order of their rows, and have at least one. */
export function holdOutNewest(dataset: TreeDataset, { earlyStopping }: TreeSettings): HeldOut {
  if (earlyStopping === undefined) return { training: dataset, holdout: undefined };
  const { rowCount } = dataset;
  const times = dataset.timesMs!;
  const wanted = Math.round(earlyStopping.holdoutShare * rowCount);
  const heldCount = Math.min(rowCount - 1, Math.max(1, wanted));
  const byTime = Uint32Array.from({ length: rowCount }, (_, i) => i).sort(
    (a, b) => times[a]! - times[b]! || a - b,
  );
  return {
    training: pickRows(dataset, byTime.slice(0, rowCount - heldCount).sort()),
    holdout: pickRows(dataset, byTime.slice(rowCount - heldCount).sort()),
  };
}

function pickRows(dataset: TreeDataset, rows: Uint32Array): TreeDataset {
  const { columns, labels, weights, timesMs } = dataset;
  const pick = (values: Float32Array) => Float32Array.from(rows, (row) => values[row]!);
  return {
    ...dataset,
    rowCount: rows.length,
    columns: columns.map(pick),
    labels: pick(labels),
    weights: weights && pick(weights),
    timesMs: timesMs && Float64Array.from(rows, (row) => timesMs[row]!),
  };
}

import type { TreeDataset } from "../../../functions/core/train/trees/tree-dataset.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";

/** Rows with a yes-or-no label that depends on sums and products of features; every fourth feature has few values, every fifth has gaps. */
export function syntheticRows(rowCount: number, featureCount: number, seed = 1): TreeDataset {
  const random = seededRandom(seed);
  const columns = Array.from({ length: featureCount }, () => new Float32Array(rowCount));
  const labels = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    let score = -1.5;
    let previous = 0;
    for (let feature = 0; feature < featureCount; feature += 1) {
      const value = feature % 4 === 3 ? random.integer(24) / 12 - 1 : random.normal();
      const isGap = feature % 5 === 4 && random.uniform() < 0.1;
      columns[feature]![row] = isGap ? Number.NaN : value;
      score += isGap ? 0.5 : (0.6 * value * (feature % 2 === 0 ? 1 : previous)) / Math.sqrt(1 + feature);
      previous = value;
    }
    labels[row] = Number(random.uniform() < 1 / (1 + Math.exp(-score)));
  }
  return { rowCount, columns, labels };
}

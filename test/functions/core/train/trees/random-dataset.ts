import type { TreeDataset } from "../../../../../functions/core/train/trees/tree-dataset.ts";
import type { TreeTarget } from "../../../../../functions/core/train/trees/tree-ensemble.ts";
import { seededRandom } from "../../../../../scripts/onnx/random.ts";

export interface RandomDataset {
  readonly target: TreeTarget;
  readonly rowCount: number;
  readonly seed: number;
  readonly classCount?: number;
  /** Features: four numbers with gaps and infinities, and one of 12 categories. */
  readonly isCategorical?: boolean;
}

export const randomFeatureCount = 5;

/** Rows whose labels depend on numbers, on gaps, on a product and on an arbitrary set of categories. */
export function randomDataset({
  target,
  rowCount,
  seed,
  classCount = 3,
  isCategorical = true,
}: RandomDataset): TreeDataset {
  const random = seededRandom(seed);
  const columns = Array.from({ length: randomFeatureCount }, () => new Float32Array(rowCount));
  const labels = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    const numbers = [random.normal(), random.normal(), random.integer(4), random.normal()];
    const code = random.integer(12) * 7;
    const isGap = random.uniform() < 0.1;
    if (isGap) numbers[0] = Number.NaN;
    if (random.uniform() < 0.02) numbers[1] = random.uniform() < 0.5 ? Infinity : -Infinity;
    [...numbers, code].forEach((value, i) => {
      columns[i]![row] = value;
    });
    const clipped = Math.max(-3, Math.min(3, numbers[1]!));
    const score =
      (isGap ? 1 : numbers[0]!) +
      clipped * numbers[2]! * 0.5 +
      ([14, 35, 42, 77].includes(code) ? 1.5 : -0.5);
    labels[row] = labelOf(score + 0.5 * random.normal());
  }
  return { rowCount, columns, labels, ...(isCategorical && { categorical: [4] }) };

  function labelOf(score: number): number {
    if (target === "regression") return 100 + 10 * score;
    if (target === "binary") return Number(score > 0);
    return Math.max(0, Math.min(classCount - 1, Math.floor(score + classCount / 2)));
  }
}

/** Row-major, as predictions take them. */
export function rowsOf({ columns, rowCount }: TreeDataset): Float32Array {
  const rows = new Float32Array(rowCount * columns.length);
  columns.forEach((column, feature) => {
    column.forEach((value, row) => {
      rows[row * columns.length + feature] = value;
    });
  });
  return rows;
}

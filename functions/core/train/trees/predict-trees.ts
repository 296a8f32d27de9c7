import { InputError } from "../../errors.ts";
import type { CategoryRanks, TreeEnsemble } from "./tree-ensemble.ts";

/**
 * Predict rows as the ONNX model does, to the last bits of single precision.
 *
 * @param rows - row-major, [N, featureCount].
 * @returns the number (regression) or the probability of yes (binary), [N]; the probabilities of the classes, row-major [N, classes].
 * @throws {InputError} `input.shape` when `rows` is not a whole number of rows.
 */
export function predictTrees(ensemble: TreeEnsemble, rows: Float32Array): Float32Array {
  const { featureCount, target, categories } = ensemble;
  if (rows.length % featureCount !== 0) {
    throw new InputError(`rows: got ${rows.length} numbers, expected a multiple of ${featureCount}`, {
      code: "input.shape",
    });
  }
  const margins = sumTrees(ensemble, rankCategories(rows, featureCount, categories));
  if (target === "regression") return margins;
  return target === "binary" ? margins.map(logistic) : softmaxRows(margins, ensemble.baseMargins.length);
}

function sumTrees({ trees, baseMargins, featureCount }: TreeEnsemble, rows: Float32Array): Float32Array {
  const marginCount = baseMargins.length;
  const rowCount = rows.length / featureCount;
  const margins = new Float32Array(rowCount * marginCount);
  trees.forEach(({ features, values, left, right, missingLeft }, tree) => {
    const margin = tree % marginCount;
    for (let row = 0; row < rowCount; row += 1) {
      let at = 0;
      for (let feature = features[0]!; feature >= 0; feature = features[at]!) {
        const value = rows[row * featureCount + feature]!;
        const isLeft = value <= values[at]! || (missingLeft[at] === 1 && Number.isNaN(value));
        at = isLeft ? left[at]! : right[at]!;
      }
      margins[row * marginCount + margin]! += values[at]!;
    }
  });
  return margins.map((sum, i) => sum + baseMargins[i % marginCount]!);
}

function rankCategories(
  rows: Float32Array,
  featureCount: number,
  categories: readonly CategoryRanks[],
): Float32Array {
  if (categories.length === 0) return rows;
  const ranked = rows.slice();
  for (const { feature, codes, ranks } of categories) {
    const rankOf = new Map(Array.from(codes, (code, i) => [code, ranks[i]!]));
    for (let at = feature; at < rows.length; at += featureCount)
      ranked[at] = rankOf.get(rows[at]!) ?? Number.NaN;
  }
  return ranked;
}

function logistic(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

function softmaxRows(margins: Float32Array, classCount: number): Float32Array {
  const probabilities = new Float32Array(margins.length);
  for (let from = 0; from < margins.length; from += classCount) {
    const row = margins.subarray(from, from + classCount);
    const greatest = row.reduce((most, each) => Math.max(most, each), -Infinity);
    const powers = Float64Array.from(row, (each) => Math.exp(each - greatest));
    const sum = powers.reduce((total, each) => total + each, 0);
    for (let k = 0; k < classCount; k += 1) probabilities[from + k] = powers[k]! / sum;
  }
  return probabilities;
}

import type { TreeDataset } from "./tree-dataset.ts";
import type { CategoryRanks } from "./tree-ensemble.ts";
import type { TreeSettings } from "./tree-options.ts";
import { widestAxis } from "./widest-axis.ts";

/** So many rows' worth of the overall mean is mixed into each category's: rare ones are not to come first and last by chance. */
const priorWeight = 20;
/** A category of fewer rows counts as missing: its place would be its rows' own labels. */
const leastRows = 5;

/**
 * Put the categories of each categorical feature in the order of their mean label, learnt on these rows.
 *
 * Among all splits of the rows into two sets of categories, one between neighbours of that order is the best (Breiman et al. 1984, theorem
 * 4.5), at the root and for one margin. For several classes the order is along the axis on which the categories' class shares differ most
 * (Coppersmith, Hong and Hosking 1999).
 */
export function orderCategories(dataset: TreeDataset, settings: TreeSettings): CategoryRanks[] {
  return (dataset.categorical ?? []).map((feature) => ({
    feature,
    ...orderOne(dataset.columns[feature]!, dataset, settings),
  }));
}

/** Columns with ranks in the place of categories' codes; NaN for what has no rank. */
export function withRanks(
  columns: readonly Float32Array[],
  categories: readonly CategoryRanks[],
): Float32Array[] {
  const ranked = new Map(categories.map((each) => [each.feature, each]));
  return columns.map((column, feature) => {
    const found = ranked.get(feature);
    return found === undefined ? column : rankColumn(column, found);
  });
}

function rankColumn(column: Float32Array, { codes, ranks }: CategoryRanks): Float32Array {
  const rankOf = new Map(Array.from(codes, (code, i) => [code, ranks[i]!]));
  return column.map((code) => rankOf.get(code) ?? Number.NaN);
}

/** A category's rows: how many, their weight, and per statistic the weighted sum. */
interface Category {
  readonly code: number;
  rowCount: number;
  weight: number;
  readonly sums: Float64Array;
}

function orderOne(
  column: Float32Array,
  { labels, weights }: TreeDataset,
  { target, classCount }: TreeSettings,
): Pick<CategoryRanks, "codes" | "ranks"> {
  const statistics = target === "multiclass" ? classCount : 1;
  const overall: Category = { code: Number.NaN, rowCount: 0, weight: 0, sums: new Float64Array(statistics) };
  const byCode = new Map<number, Category>();
  column.forEach((code, row) => {
    if (Number.isNaN(code)) return;
    let found = byCode.get(code);
    if (found === undefined) {
      found = { code, rowCount: 0, weight: 0, sums: new Float64Array(statistics) };
      byCode.set(code, found);
    }
    const weight = weights === undefined ? 1 : weights[row]!;
    for (const each of [found, overall]) {
      each.rowCount += 1;
      each.weight += weight;
      if (target === "multiclass") each.sums[labels[row]!]! += weight;
      else each.sums[0]! += weight * labels[row]!;
    }
  });
  const kept = [...byCode.values()].filter(({ rowCount }) => rowCount >= leastRows);
  kept.sort((a, b) => a.code - b.code);
  const places = placesOf(kept, overall);
  const order = kept.map((_, i) => i).sort((a, b) => places[a]! - places[b]! || a - b);
  const ranks = new Float32Array(kept.length);
  order.forEach((category, rank) => {
    ranks[category] = rank;
  });
  return { codes: Float32Array.from(kept, ({ code }) => code), ranks };
}

/** Where each category stands on one line: its smoothed mean, or its class shares along the widest axis. */
function placesOf(categories: readonly Category[], overall: Category): Float64Array {
  const means = categories.map(({ weight, sums }) =>
    sums.map((sum, i) => (sum + (priorWeight * overall.sums[i]!) / overall.weight) / (weight + priorWeight)),
  );
  if (overall.sums.length === 1) return Float64Array.from(means, (mean) => mean[0]!);
  const axis = widestAxis(
    means,
    Float64Array.from(categories, ({ weight }) => weight),
  );
  return Float64Array.from(means, (mean) => mean.reduce((sum, each, i) => sum + each * axis[i]!, 0));
}

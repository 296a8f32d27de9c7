import { type Distribution, totalWeight } from "./distribution.ts";

/**
 * The deciles of a distribution: each the least value up to which a tenth more stands.
 *
 * @returns ascending, each once: where much stands at one value, fewer than nine.
 */
export function decilesOf(distribution: Distribution): number[] {
  const { values, weights } = distribution;
  const total = totalWeight(distribution);
  const deciles: number[] = [];
  let reached = 0;
  let tenth = 1;
  for (let i = 0; i < values.length && tenth < 10; i++) {
    reached += weights[i]!;
    if (reached * 10 < tenth * total) continue;
    deciles.push(values[i]!);
    while (tenth < 10 && reached * 10 >= tenth * total) tenth++;
  }
  return deciles;
}

/**
 * What of a distribution stands in the bins between edges, upper ends included.
 *
 * @param edges - ascending; below the first and above the last lies a bin each.
 * @returns a distribution over the numbers of the bins, from 0.
 */
export function binned({ values, weights }: Distribution, edges: readonly number[]): Distribution {
  const bins = new Float64Array(edges.length + 1);
  let bin = 0;
  for (let i = 0; i < values.length; i++) {
    while (bin < edges.length && values[i]! > edges[bin]!) bin++;
    bins[bin]! += weights[i]!;
  }
  return { values: bins.map((_, i) => i), weights: bins };
}

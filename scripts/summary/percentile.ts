/**
 * Nearest-rank percentiles: each is one of the values.
 *
 * @param ratios - each above 0 and up to 1, e.g. 0.99.
 * @returns one per ratio; `undefined` without values.
 */
export function percentiles(
  values: readonly number[],
  ratios: readonly number[],
): readonly (number | undefined)[] {
  const sorted = Float64Array.from(values).sort();
  // The subtraction keeps a product such as 0.07 × 100 = 7.000000000000001 at its rank.
  return ratios.map((ratio) => sorted[Math.max(0, Math.ceil(ratio * sorted.length - 1e-9) - 1)]);
}

/**
 * Mean negative log-likelihood, in nats.
 *
 * @param rows - `probability` of being late, 0 to 1; clipped to [1e-15, 1 − 1e-15], so one sure mistake costs 34.5.
 * @returns `undefined` without rows.
 */
export function logLoss(
  rows: readonly { readonly probability: number; readonly late: boolean }[],
): number | undefined {
  if (rows.length === 0) return undefined;
  let sum = 0;
  for (const { probability, late } of rows) {
    const clipped = Math.min(Math.max(probability, 1e-15), 1 - 1e-15);
    sum -= late ? Math.log(clipped) : Math.log1p(-clipped);
  }
  return sum / rows.length;
}

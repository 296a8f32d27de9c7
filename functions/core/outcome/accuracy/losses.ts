/** What one sure mistake is counted as, at most: 34.5 nats. */
const leastProbability = 1e-15;

/** Negative log-likelihood of one truth, in nats; the score is clipped to 1e-15 … 1 − 1e-15. */
export function logLossOf(score: number, isYes: boolean): number {
  const clipped = Math.min(Math.max(score, leastProbability), 1 - leastProbability);
  return -(isYes ? Math.log(clipped) : Math.log1p(-clipped));
}

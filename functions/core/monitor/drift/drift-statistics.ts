/** What is measured of a feature or score; which of them apply is a matter of what kind it is. */
export type StatisticName =
  | "normedWasserstein"
  | "jensenShannon"
  | "populationStability"
  | "lInfinity"
  | "chiSquareP"
  | "missingDifference";

/**
 * Effect sizes from which a feature counts as drifted, where the reference's own windows do not vary by more. The other
 * statistics are shown beside them: the stability index tells of numbers what the Jensen-Shannon distance tells, and a
 * p-value is no effect size.
 *
 * @see Evidently's defaults for references above 1,000 rows: normed Wasserstein 0.1, Jensen-Shannon 0.1
 * @see SageMaker Model Monitor: `comparison_threshold` and `categorical_comparison_threshold` 0.1; NannyML: L-infinity 0.1
 */
export const usualThresholds: Readonly<Partial<Record<StatisticName, number>>> = {
  normedWasserstein: 0.1,
  jensenShannon: 0.1,
  lInfinity: 0.1,
  missingDifference: 0.1,
};

/** What was measured, by statistic. */
export type Measured = Readonly<Partial<Record<StatisticName, number>>>;

/**
 * Metrics that CloudWatch keeps by the second: those whose alarms must go off within seconds.
 *
 * An alarm's period may be 10 s only on such a metric.
 *
 * @see CloudWatch user guide, "High-resolution metrics"
 */
export const highResolutionMetrics = ["ChallengerErrors", "ChallengerStopped"] as const;
export type HighResolutionMetric = (typeof highResolutionMetrics)[number];

import { defaultTraining, type Training } from "../../functions/contract/training.ts";

/** How the story retrains. */
export const storyTraining: Training = {
  ...defaultTraining,
  // 28 days of all flights are 460,000.
  rows: { over: "28d", most: 1_000_000, least: 1000, holdout: 0.1 },
  // Rows that training had stopped by would flatter the new version when the two are compared on them.
  trees: { ...defaultTraining.trees, stopAfter: 0 },
  // Weather that nobody foresaw makes any version look badly calibrated over a few days; and what is timed on a machine
  // with other work is no measure, nor is it against a first version that knows nothing.
  gates: { ...defaultTraining.gates, calibration: 0.1, latencyRatio: 1000 },
  // Days are what a verdict counts, and one decides only where the difference is plain.
  canary: { shadow: "1h", share: 0.1, deadline: "1d", atDeadline: "promote" },
};

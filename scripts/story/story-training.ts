import { defaultTraining, type Training } from "../../functions/contract/training.ts";

const training: Training = {
  ...defaultTraining,
  // 28 days of all flights are 460,000.
  rows: { over: "28d", most: 1_000_000, least: 1000, holdout: 0.1 },
  // Weather that nobody foresaw makes any version look badly calibrated over a few days.
  gates: { ...defaultTraining.gates, calibration: 0.1 },
  // Days are what a verdict counts, and one decides only where the difference is plain.
  canary: { shadow: "1h", share: 0.1, deadline: "1d", atDeadline: "promote" },
};

/** How the story retrains. */
export const storyTraining: { readonly training: Training; readonly firstTraining: Training } = {
  training,
  firstTraining: {
    ...training,
    // The frozen champion knows the whole of January.
    rows: { ...training.rows, over: "31d" },
    // What knows nothing is faster than anything.
    gates: { ...training.gates, latencyRatio: Number.MAX_VALUE },
  },
};

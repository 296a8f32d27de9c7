import { buildModel } from "../../../functions/core/train/onnx/build-model.ts";
import { flightPackage, oracleFeatures } from "../../functions/stream/streaming/flight-package.ts";
import { packageFiles } from "./package-folder.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

export const flightsModelName = "flights";

/**
 * A package of departures with windowed features over three views of arrivals, in a temporary folder: a logistic
 * regression with weights set by hand, so that its scores are spread and mean something.
 */
export async function flightsPackage(): Promise<TemporaryFolder> {
  return await packageFiles(new Map(flightPackage()).set("model.onnx", logisticRegression()));
}

/** What one unit of an aggregate adds to the log-odds of being late, spread over the features that have it. */
const weightOf = {
  count: 0.002,
  sum: 0.0005,
  mean: 0.02,
  min: 0.01,
  max: 0.005,
  std: 0.01,
  rate: 2,
  last: 0.01,
  secondsSinceLast: -0.00002,
};
const weightPerMile = 0.0003;

function logisticRegression(): Uint8Array {
  const weights = [weightPerMile, ...oracleFeatures.map(({ agg }) => weightOf[agg])];
  return buildModel({
    inputs: [{ name: "features", type: "float32", shape: ["N", weights.length] }],
    outputs: [{ name: "score", type: "float32", shape: ["N", 1] }],
    nodes: [
      { opType: "Gemm", inputs: ["features", "weights", "bias"], outputs: ["logOdds"] },
      { opType: "Sigmoid", inputs: ["logOdds"], outputs: ["score"] },
    ],
    initialisers: {
      weights: { type: "float32", shape: [weights.length, 1], data: Float32Array.from(weights) },
      bias: { type: "float32", shape: [1], data: Float32Array.of(-2.5) },
    },
  });
}

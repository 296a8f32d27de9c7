import type { ModelPackageInput } from "../../../functions/contract/model-package.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import { buildModel } from "../../../functions/core/train/onnx/build-model.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import type { OracleFeature, OracleView } from "../../functions/stream/streaming/window-oracle.ts";

/** Whose arrivals are looked at: four lookups over three views. */
const looks = [
  { look: "origin", view: "by_origin", keys: ["origin"] },
  { look: "destination", view: "by_destination", keys: ["destination"] },
  { look: "route", view: "by_route", keys: ["origin", "destination"] },
  { look: "incoming", view: "by_destination", keys: ["origin"] },
] as const;

/** What is asked of each lookup, over what, and about how large it is: four times three features. */
const questions = [
  { agg: "mean", over: "1h", hours: 1, size: 20 },
  { agg: "rate", over: "3h", hours: 3, size: 0.5 },
  { agg: "count", over: "24h", hours: 24, size: 200 },
] as const;

const hourMs = 3_600_000;
const tileMs = 300_000;

const columns = looks.flatMap((look) =>
  questions.map((question) => ({ name: `${look.look}_${question.agg}`, ...look, ...question })),
);

/** Distance first, then the windows. */
export const featureCount = 1 + columns.length;

/** Name of the model of every variant. */
export const modelName = "flights";

/** The same windows, declared for the tests' plain and slow computation of them. */
export const oracleViews: Readonly<Record<string, OracleView>> = {
  by_origin: { keys: ["origin"], tileMs },
  by_destination: { keys: ["destination"], tileMs },
  by_route: { keys: ["origin", "destination"], tileMs },
};
export const oracleFeatures: readonly OracleFeature[] = columns.map(({ name, view, keys, agg, hours }) => ({
  ...{ name, view, keys, agg, overMs: hours * hourMs, default: 0 },
}));

/** What a variant of the package declares. */
export interface FlightModelOptions {
  /** `views`: the function computes the windows. `event`: they stand in the event, as plain numbers. */
  readonly windowsFrom: "views" | "event";
  readonly withOutcome: boolean;
  /** Of its weights. @default 17 */
  readonly seed?: number;
}

/** A logistic model of a flight's distance and twelve windows; it stores its predictions, whatever it declares. */
export function flightModel({ windowsFrom, withOutcome, seed = 17 }: FlightModelOptions): PackageFiles {
  const declared: ModelPackageInput = {
    name: modelName,
    event: { id: "flight", time: "departs", entity: "origin" },
    predictOn: { type: "departure" },
    features: {
      distance: { from: "distance" },
      ...Object.fromEntries(
        columns.map(({ name, view, keys, agg, over }) => [
          name,
          windowsFrom === "event"
            ? { from: name }
            : { view, key: [...keys], agg, over, ...(agg !== "count" && { default: 0 }) },
        ]),
      ),
    },
    ...(windowsFrom === "views" && {
      views: {
        by_origin: arrivalsBy("origin"),
        by_destination: arrivalsBy("destination"),
        by_route: arrivalsBy("origin", "destination"),
      },
    }),
    outputs: { probability: { from: "score", index: 0 } },
    ...(withOutcome && {
      outcome: {
        on: { type: "arrival" },
        id: "flight",
        time: "arrives",
        label: { from: "delay", above: 15 },
        within: "48h",
      },
    }),
    keep: true,
  };
  return new Map([
    ["model.json", Buffer.from(JSON.stringify(declared))],
    ["model.onnx", logisticOnnx(seed)],
  ]);
}

function arrivalsBy(...key: string[]) {
  return {
    on: { type: "arrival" },
    key,
    value: "delay",
    rate: { above: 15 },
    time: "arrives",
    tile: "5m",
    lateness: "10m",
  };
}

/** Every feature weighs about the same, so that a wrong one shows in the score. */
function logisticOnnx(seed: number): Uint8Array {
  const random = seededRandom(seed);
  const sizes = [1_000, ...columns.map(({ size }) => size)];
  const weights = Float32Array.from(sizes, (size) => random.normal() / size / 2);
  return buildModel({
    inputs: [{ name: "features", type: "float32", shape: ["N", featureCount] }],
    outputs: [{ name: "score", type: "float32", shape: ["N", 1] }],
    nodes: [
      { opType: "Gemm", inputs: ["features", "weights", "bias"], outputs: ["logit"] },
      { opType: "Sigmoid", inputs: ["logit"], outputs: ["score"] },
    ],
    initialisers: {
      weights: { type: "float32", shape: [featureCount, 1], data: weights },
      bias: { type: "float32", shape: [1], data: Float32Array.of(0) },
    },
  });
}

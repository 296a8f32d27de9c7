import type { PackageFiles } from "../../../../functions/core/inference/package-store.ts";
import { logisticModel } from "../../../../scripts/onnx/example-models.ts";
import { packageOf } from "../set-up.ts";
import type { OracleFeature, OracleView } from "./window-oracle.ts";

const minute = 60_000;
const view = (key: string | readonly string[]) => ({
  on: { type: "arrival" },
  key,
  value: "delay",
  rate: { above: 15 },
  time: "arrives",
  tile: "5m",
  lateness: "10m",
});

const lookups = [
  { name: "origin", view: "by_origin", keys: ["origin"] },
  { name: "destination", view: "by_destination", keys: ["destination"] },
  { name: "incoming", view: "by_destination", keys: ["origin"] },
  { name: "route", view: "by_route", keys: ["origin", "destination"] },
] as const;
const windows = { "1h": 60 * minute, "3h": 180 * minute, "24h": 1_440 * minute } as const;
const aggregates = ["count", "mean", "rate", "std", "min", "max", "sum", "last", "secondsSinceLast"] as const;

/** Every lookup over every window, the aggregates in turn, so that each is asked of each window. */
const features = lookups.flatMap(({ name, view: of, keys }, i) =>
  Object.entries(windows).flatMap(([over, overMs], j) =>
    [0, 3, 6].map((step) => {
      const agg = aggregates[(step + i + j) % aggregates.length]!;
      return { name: `${name}_${agg}_${over}`, view: of, keys, agg, over, overMs, default: -1 };
    }),
  ),
);

/** The same declaration twice, once for Headrace and once for the oracle, which knows nothing of packages. */
export const oracleViews: Readonly<Record<string, OracleView>> = {
  by_origin: { keys: ["origin"], tileMs: 5 * minute },
  by_destination: { keys: ["destination"], tileMs: 5 * minute },
  by_route: { keys: ["origin", "destination"], tileMs: 5 * minute },
};
export const oracleFeatures: readonly OracleFeature[] = features.map((feature) => ({
  ...feature,
  default: feature.agg === "count" ? 0 : feature.default,
}));

/** A model of flights whose score means nothing, and whose features are everything that windows can be asked for. */
export function flightPackage(json: object = {}): PackageFiles {
  return packageOf(logisticModel({ featureCount: features.length + 1 }), {
    name: "flights",
    event: { id: "flight", time: "departs", entity: "origin" },
    predictOn: { type: "departure" },
    features: {
      distance: { from: "distance" },
      ...Object.fromEntries(
        features.map(({ name, view: of, keys, agg, over, default: fallback }) => [
          name,
          {
            view: of,
            key: keys.length === 1 ? keys[0] : keys,
            agg,
            over,
            default: agg === "count" ? 0 : fallback,
          },
        ]),
      ),
    },
    views: {
      by_origin: view("origin"),
      by_destination: view("destination"),
      by_route: view(["origin", "destination"]),
    },
    outputs: { probability: { from: "score", index: 0 } },
    outcome: {
      on: { type: "arrival" },
      id: "flight",
      time: "arrives",
      label: { from: "delay", above: 15 },
      within: "48h",
    },
    ...json,
  });
}

import type { ModelPackageInput } from "../../functions/contract/model-package.ts";
import { readAirports } from "./airports.ts";

/** Whose arrivals are looked at: the view, and, where it is not the view's own, the path of the key. */
const looks = {
  /** Flights that had left the same airport: how departures fare there. */
  origin: { view: "arrivals_by_origin" },
  destination: { view: "arrivals_by_destination" },
  route: { view: "arrivals_by_route" },
  /** Flights into the airport that this one leaves: the incoming aircraft is one of them. */
  incoming: { view: "arrivals_by_destination", key: "origin" },
} as const;
const windows = ["1h", "3h", "24h"] as const;

type WindowedFeature = Extract<ModelPackageInput["features"][string], { view: string }>;

/** Mean delay, share of late ones and count of each look over each window: 4 × 3 × 3. */
export const windowedFeatures: Readonly<Record<string, WindowedFeature>> = Object.fromEntries(
  Object.entries(looks).flatMap(([look, from]) =>
    windows.flatMap((over): [string, WindowedFeature][] => [
      // One flight that is a day late must not make the mean of all others.
      [
        `${look}_mean_delay_${over}`,
        { ...from, agg: "mean", over, default: 0, as: { clip: { min: -30, max: 120 } } },
      ],
      [`${look}_late_rate_${over}`, { ...from, agg: "rate", over, default: 0 }],
      [`${look}_arrivals_${over}`, { ...from, agg: "count", over, as: { log: { plus: 1 } } }],
    ]),
  ),
);

/** `model.json` of the flight-delay model that knows the recent past. */
export async function windowedFlightDelay(): Promise<ModelPackageInput> {
  const airport = { index: [...(await readAirports())], unknown: -1 };
  return {
    name: "flight-delay",
    event: { id: "flight", time: "departs", entity: "origin" },
    predictOn: { type: "departure" },
    features: {
      hour: { from: "departs", as: "hourOfDay" },
      weekday: { from: "departs", as: "dayOfWeek" },
      distance: { from: "distance", default: 0, min: 0, max: 6000 },
      origin: { from: "origin", as: airport },
      destination: { from: "destination", as: airport },
      ...windowedFeatures,
    },
    views: {
      arrivals_by_origin: arrivalsBy("origin"),
      arrivals_by_destination: arrivalsBy("destination"),
      arrivals_by_route: arrivalsBy(["origin", "destination"]),
    },
    outputs: {
      probability: { from: "probabilities", index: 1 },
      label: { of: "probability", threshold: 0.5, names: ["on time", "late"] },
    },
    outcome: {
      on: { type: "arrival" },
      id: "flight",
      time: "arrives",
      label: { from: "delay", above: 15 },
      within: "48h",
    },
    // Measured on flights after January: as good as 200 trees of half the rate, and answers in less time.
    training: {
      trees: { trees: 120, learningRate: 0.2 },
      // A fortnight of weather makes any version look badly calibrated.
      gates: { calibration: 0.1 },
      // A verdict would take longer than a season stays the same: unless it proves worse, it follows the gates.
      canary: { deadline: "2d", atDeadline: "promote" },
    },
  };
}

function arrivalsBy(key: string | string[]): NonNullable<ModelPackageInput["views"]>[string] {
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

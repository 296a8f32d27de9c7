import { readFile } from "node:fs/promises";
import { readAirports } from "./airports.ts";
import { modelJson } from "./model-json.ts";
import { type GeneratedFiles, writeWhenStarted } from "./write-package.ts";

const fixtures = new URL("../../test/fixtures/flight-delay/", import.meta.url);
/** The flight-delay model without windows: trees over five features of the flight itself. */
export const treesFolder = new URL("../../test/fixtures/flight-delay-trees/", import.meta.url);
const sampleCount = 24;
const labels: [string, string] = ["on time", "late"];
const threshold = 0.5;

/** One line of `golden.jsonl`: a flight, its feature row, and the probability by the library that trained the model. */
export interface GoldenFlight {
  readonly scheduledDeparture: string;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
  readonly features: readonly number[];
  readonly probabilityLate: number;
}

export async function readGoldenFlights(): Promise<readonly GoldenFlight[]> {
  const text = await readFile(new URL("golden.jsonl", fixtures), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as GoldenFlight);
}

/** A golden flight as the event that asks for its prediction. */
export function goldenEvent(flight: GoldenFlight, i: number): Record<string, unknown> {
  return {
    type: "departure",
    flight: `golden-${String(i).padStart(3, "0")}`,
    departs: flight.scheduledDeparture,
    origin: flight.origin,
    destination: flight.destination,
    distance: flight.distance,
  };
}

/**
 * Make `model.json` and `samples.jsonl` of the first flight-delay, which the tests hold to its golden rows; `model.onnx` was trained elsewhere (XGBoost 1.7.4).
 *
 * To run: `node scripts/models/flight-delay-trees.ts`
 */
export async function flightDelayFiles(): Promise<GeneratedFiles> {
  const airport = { index: [...(await readAirports())], unknown: -1 };
  return {
    "model.json": modelJson({
      name: "flight-delay",
      event: { id: "flight", time: "departs", entity: "origin" },
      predictOn: { type: "departure" },
      features: {
        hour: { from: "departs", as: "hourOfDay" },
        weekday: { from: "departs", as: "dayOfWeek" },
        distance: { from: "distance", default: 0, min: 0, max: 6000 },
        origin: { from: "origin", as: airport },
        destination: { from: "destination", as: airport },
      },
      outputs: {
        probability: { from: "probabilities", index: 1 },
        label: { of: "probability", threshold, names: labels },
      },
      samplesTolerance: 1e-6,
    }),
    "samples.jsonl": samples(await readGoldenFlights()),
  };
}

/** The least and the most likely to be late, and others from all over the list. */
function samples(golden: readonly GoldenFlight[]): string {
  const byProbability = golden
    .map((flight, i) => ({ flight, i }))
    .sort((a, b) => a.flight.probabilityLate - b.flight.probabilityLate);
  const chosen = Array.from(
    { length: sampleCount },
    (_, i) => byProbability[Math.round((i * (golden.length - 1)) / (sampleCount - 1))]!,
  );
  return chosen
    .sort((a, b) => a.i - b.i)
    .map(({ flight, i }) => ({
      event: goldenEvent(flight, i),
      outputs: {
        probability: flight.probabilityLate,
        label: labels[flight.probabilityLate >= threshold ? 1 : 0],
      },
    }))
    .map((sample) => `${JSON.stringify(sample)}\n`)
    .join("");
}

await writeWhenStarted(import.meta.url, treesFolder, flightDelayFiles);

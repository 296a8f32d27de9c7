import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { departureEvent } from "../../scripts/flights/departure-event.ts";
import { type Flight, flightId, isLate } from "../../scripts/flights/flight.ts";
import { readFlights } from "../../scripts/flights/read-flights.ts";
import { goldenEvent, readGoldenFlights, treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import { auc } from "../../scripts/summary/auc.ts";
import { putAll } from "./support/events.ts";
import { sumOf } from "./support/metrics.ts";
import { pairwiseAuc } from "./support/pairwise-auc.ts";
import { type Emitted, predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { flightOracle } from "./support/tree-oracle.ts";
import { untilIdle } from "./support/wait-until.ts";

const model = "flight-delay";
const flightCount = 5_000;
/** After the model's training data. */
const fromMs = Date.UTC(2001, 0, 31);

describe("5,000 real flights on the events stream", () => {
  let stage: Stage;
  let flights: readonly Flight[];
  let predictions: ReadonlyMap<string, readonly Emitted[]>;

  beforeAll(async () => {
    stage = await openStage();
    await publish(stage, fileURLToPath(treesFolder));
    flights = await loadFlights();
    await putAll(
      stage,
      flights.map((flight) => ({ data: departureEvent(flight), partitionKey: flight.origin })),
    );
    predictions = await predictionsOf(stage, model, flights.map(flightId), 50_000);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it("are all predicted, each under a prediction id of its own, and none is rejected", async () => {
    expect(predictions.size).toBe(flightCount);
    const ids = [...predictions.values()].map(
      (each) => new Set(each.map((one) => one.prediction.predictionId)),
    );
    expect(ids.filter(({ size }) => size !== 1)).toEqual([]);
    expect(new Set(ids.flatMap((each) => [...each])).size).toBe(flightCount);
    const wanted = new Set(flights.map(flightId));
    const rejected = (await readRejects(stage, model)).filter(({ text }) => wanted.has(idIn(text)));
    expect(rejected).toEqual([]);
  });

  it("get the probabilities of the trees walked by hand, and so the area under the curve of those", async () => {
    const oracle = await flightOracle();
    const rows = flights.map((flight) => ({
      late: isLate(flight),
      score: probabilityOf(predictions.get(flightId(flight))!),
      byHand: oracle(flight),
    }));
    const worst = Math.max(...rows.map(({ score, byHand }) => Math.abs(score - byHand)));
    expect(worst).toBeLessThan(1e-6);
    const printed = auc(rows);
    expect(printed).toBeCloseTo(pairwiseAuc(rows.map(({ late, score }) => ({ late, score }))), 12);
    // Sums in float32 may break a tie of two equal leaves' sums, so that the two differ by a few pairs.
    expect(printed).toBeCloseTo(pairwiseAuc(rows.map(({ late, byHand }) => ({ late, score: byHand }))), 4);
  });

  itNeeding("metrics")("are what the emitted metrics count", async () => {
    await untilIdle(stage);
    const counts = ["Events", "Predictions", "Rejected", "Skipped", "Retried"].map((metric) => [
      metric,
      sumOf(stage, model, metric),
    ]);
    expect(Object.fromEntries(counts)).toEqual({
      Events: flightCount,
      Predictions: flightCount,
      Rejected: 0,
      Skipped: 0,
      Retried: 0,
    });
  });

  it("are joined by the golden ones, which get the probabilities of the library that trained the model", async () => {
    const golden = await readGoldenFlights();
    expect(golden).toHaveLength(300);
    const events = golden.map((flight, i) => goldenEvent(flight, i));
    await putAll(
      stage,
      events.map((data, i) => ({ data, partitionKey: golden[i]!.origin })),
    );
    const got = await predictionsOf(
      stage,
      model,
      events.map(({ flight }) => flight as string),
    );
    const differences = golden.map((flight, i) =>
      Math.abs(probabilityOf(got.get(events[i]!.flight as string)!) - flight.probabilityLate),
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(1e-6);
  });
});

async function loadFlights(): Promise<readonly Flight[]> {
  const flights: Flight[] = [];
  for await (const flight of readFlights({ fromMs, limit: flightCount })) flights.push(flight);
  return flights;
}

function probabilityOf([first]: readonly Emitted[]): number {
  const { probability } = first!.prediction.outputs;
  if (typeof probability !== "number") throw new Error(`got ${first!.body}, expected a probability`);
  return probability;
}

function idIn(text: string): string {
  return /"flight":"([^"]*)"/.exec(text)?.[1] ?? "";
}

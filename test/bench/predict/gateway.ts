import { join } from "node:path";
import { type DepartureEvent, departureEvent } from "../../../scripts/flights/departure-event.ts";
import { readFlights } from "../../../scripts/flights/read-flights.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { flightRow } from "../flight-row.ts";
import { quantile, ratioOf } from "../ratio.ts";
import type { Result } from "../result.ts";
import { shuffled } from "../shuffle.ts";
import { flightModel } from "../throughput/flight-workload.ts";
import { rawVariant } from "../throughput/ort-variants.ts";
import { type GatewayCloud, startGatewayCloud } from "./gateway-cloud.ts";

export interface GatewayOptions {
  /** Folder of the project. */
  readonly root: string;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

const pairsPerRound = 20;
const warmUpRounds = 3;
const timeoutMs = 30_000;
const tolerance = 1e-6;

/**
 * Time from a request to its answer, by the wall clock, of one event's prediction by a warm function, against a
 * function that does nothing: both through the embedded cloud's API Gateway, each in a process of its own.
 */
export async function measureGateway({ root, rounds, onProgress }: GatewayOptions): Promise<Result> {
  onProgress(`one row through the gateway: ${rounds} rounds`);
  const events = await realEvents((warmUpRounds + rounds) * pairsPerRound);
  const cloud = await startGatewayCloud();
  try {
    const client = createClient(cloud);
    const random = seededRandom(rounds);
    const [predictMs, trivialMs]: [number[][], number[][]] = [[], []];
    for (let from = 0; from < events.length; from += pairsPerRound) {
      const [predict, trivial]: [number[], number[]] = [[], []];
      for (const event of events.slice(from, from + pairsPerRound)) {
        const calls = [
          async () => void predict.push(await client.predict(event)),
          async () => void trivial.push(await client.trivial()),
        ];
        for (const call of shuffled(calls, random)) await call();
      }
      predictMs.push(predict);
      trivialMs.push(trivial);
    }
    await checkScores(join(root, "models", "flight-delay"), events, client.scores);
    return summarise(predictMs.slice(warmUpRounds), trivialMs.slice(warmUpRounds));
  } finally {
    await cloud.stop();
  }
}

function summarise(predictMs: readonly number[][], trivialMs: readonly number[][]): Result {
  const medians = (rounds: readonly number[][]) => rounds.map((round) => quantile(round, 0.5));
  const p50 = (rounds: readonly number[][]) => quantile(rounds.flat(), 0.5).toFixed(2);
  return {
    name: "warm predict, one row, through the embedded gateway ÷ trivial function",
    ...ratioOf(medians(predictMs), medians(trivialMs)),
    floor: null,
    better: "lower",
    detail: `p50 ${p50(predictMs)} against ${p50(trivialMs)} ms`,
  };
}

/** Each of another flight. */
async function realEvents(count: number): Promise<readonly DepartureEvent[]> {
  const events: DepartureEvent[] = [];
  const selection = { fromMs: Date.UTC(2001, 1, 1), limit: count };
  for await (const flight of readFlights(selection)) events.push(departureEvent(flight));
  return events;
}

/** Each call gives what it took, in milliseconds, with its answer looked at afterwards. */
function createClient({ api: { url, apiKey = "" } }: GatewayCloud) {
  const scores: number[] = [];
  return {
    /** Of the predictions so far. */
    scores,
    async predict(event: DepartureEvent): Promise<number> {
      const body = JSON.stringify({ events: [event] });
      const { answer, durationMs } = await send("/models/flight-delay/predict", { method: "POST", body });
      const { predictions } = JSON.parse(answer) as { predictions: { outputs?: { probability: number } }[] };
      scores.push(predictions[0]?.outputs?.probability ?? Number.NaN);
      return durationMs;
    },
    async trivial(): Promise<number> {
      return (await send("/v2/health/live")).durationMs;
    },
  };

  async function send(path: string, request: RequestInit = {}) {
    const startedMs = performance.now();
    const headers = { "x-api-key": apiKey, "content-type": "application/json" };
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${url}${path}`, { ...request, headers, signal });
    const answer = await response.text();
    const durationMs = performance.now() - startedMs;
    if (!response.ok) throw new Error(`${path}: got status ${response.status}: ${answer}`);
    return { answer, durationMs };
  }
}

/** @throws when a prediction is not what ONNX Runtime alone gives: its time then means nothing. */
async function checkScores(folder: string, events: readonly object[], scores: readonly number[]) {
  const model = await flightModel(folder);
  const raw = await rawVariant("raw ORT", model);
  try {
    // Nothing has landed yet: behind what the event says stand the windows, empty, as zeros.
    const rows = new Float32Array(events.length * model.featureCount);
    events.forEach((event, i) => {
      rows.set(flightRow(event), i * model.featureCount);
    });
    await raw.run(undefined, rows);
    raw.takeScores().forEach((expected, i) => {
      if (Math.abs(scores[i]! - expected) <= tolerance) return;
      throw new Error(`predict: got ${scores[i]} for event ${i}, expected ${expected} within ${tolerance}`);
    });
  } finally {
    await raw.release();
  }
}

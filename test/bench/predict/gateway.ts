import { departureEvent } from "../../../scripts/flights/departure-event.ts";
import { readFlights } from "../../../scripts/flights/read-flights.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { quantile, ratioOf } from "../ratio.ts";
import type { Result } from "../result.ts";
import { shuffled } from "../shuffle.ts";
import { type GatewayCloud, startGatewayCloud } from "./gateway-cloud.ts";

export interface GatewayOptions {
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

const pairsPerRound = 20;
const warmUpRounds = 3;
const timeoutMs = 30_000;

/**
 * Time from a request to its answer, by the wall clock, of one event's prediction by a warm function, against a
 * function that does nothing: both through the embedded cloud's API Gateway, each in a process of its own.
 */
export async function measureGateway({ rounds, onProgress }: GatewayOptions): Promise<Result> {
  onProgress(`one row through the gateway: ${rounds} rounds`);
  const cloud = await startGatewayCloud();
  try {
    const client = createClient(cloud);
    const bodies = await eventBodies((warmUpRounds + rounds) * pairsPerRound);
    const random = seededRandom(rounds);
    const spent = { predict: [] as number[][], trivial: [] as number[][] };
    let next = 0;
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      const [predict, trivial]: [number[], number[]] = [[], []];
      const calls = [
        async () => void predict.push(await client.predict(bodies[next++]!)),
        async () => void trivial.push(await client.trivial()),
      ];
      for (let i = 0; i < pairsPerRound; i++) for (const call of shuffled(calls, random)) await call();
      if (round < warmUpRounds) continue;
      spent.predict.push(predict);
      spent.trivial.push(trivial);
    }
    const medians = (rounds: readonly number[][]) => rounds.map((round) => quantile(round, 0.5));
    const p50 = (rounds: readonly number[][]) => quantile(rounds.flat(), 0.5).toFixed(2);
    return {
      name: "warm predict, one row, through the embedded gateway ÷ trivial function",
      ...ratioOf(medians(spent.predict), medians(spent.trivial)),
      floor: null,
      better: "lower",
      detail: `p50 ${p50(spent.predict)} against ${p50(spent.trivial)} ms`,
    };
  } finally {
    await cloud.stop();
  }
}

/** Real flights, each once: none is answered from a cache. */
async function eventBodies(count: number): Promise<readonly string[]> {
  const bodies: string[] = [];
  for await (const flight of readFlights({ fromMs: Date.UTC(2001, 1, 1), limit: count })) {
    bodies.push(JSON.stringify({ events: [departureEvent(flight)] }));
  }
  return bodies;
}

/** Each call gives what it took, in milliseconds, with its answer looked at afterwards. */
function createClient({ api: { url, apiKey = "" } }: GatewayCloud) {
  return {
    async predict(body: string): Promise<number> {
      const { answer, durationMs } = await send("/models/flight-delay/predict", { method: "POST", body });
      const { predictions } = JSON.parse(answer) as { predictions: { outputs?: { probability: number } }[] };
      const probability = predictions[0]?.outputs?.probability ?? Number.NaN;
      if (!(probability >= 0 && probability <= 1)) throw new Error(`predict: got ${answer}`);
      return durationMs;
    },
    async trivial(): Promise<number> {
      return (await send("/v2/health/live", {})).durationMs;
    },
  };

  async function send(path: string, request: RequestInit) {
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

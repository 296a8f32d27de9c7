import { seededRandom } from "../../../scripts/onnx/random.ts";
import { quantile, ratioOf } from "../ratio.ts";
import { isNoisy, type Measured } from "../result.ts";
import { handlerVariant } from "../throughput/handler-variant.ts";
import { measureRounds, type Spent } from "../throughput/measure-rounds.ts";
import { rawVariant } from "../throughput/ort-variants.ts";
import type { Workload } from "../throughput/workload.ts";
import { flightDeliveries } from "./flight-deliveries.ts";
import { type FlightModelOptions, featureCount, flightModel, modelName } from "./flight-model.ts";

export interface StreamingOptions {
  readonly rounds: number;
  /** Further tries, with twice the rounds each, where noise swamps the measurement. */
  readonly retries: number;
  readonly onProgress: (text: string) => void;
}

const deliveryRecords = 2_048;
/** A day of flights, so that the longest windows are full before anything counts. */
const warmUpRounds = 16;
/** Events per second that views and outcomes are to reach on ports in memory. */
const eventsPerSecond = 10_000;

/** What views and outcomes cost beside everything else that the handler does, on ports in memory. */
export async function measureViews({ rounds, retries, onProgress }: StreamingOptions): Promise<Measured> {
  const variants = [
    await rawVariant("raw batched ORT", flightWorkload({ windowsFrom: "event", withOutcome: false })),
    await handlerVariant("without views", flightWorkload({ windowsFrom: "event", withOutcome: false })),
    await handlerVariant("views", flightWorkload({ windowsFrom: "views", withOutcome: false })),
    await handlerVariant("views, outcomes", flightWorkload({ windowsFrom: "views", withOutcome: true })),
    await handlerVariant(
      "views, outcomes again",
      flightWorkload({ windowsFrom: "views", withOutcome: true }),
    ),
  ];
  // The stream goes on from try to try: what was delivered once is only skipped.
  const deliveries = flightDeliveries(deliveryRecords);
  try {
    for (let attempt = 0; ; attempt++) {
      onProgress(`flights with views: ${rounds * 2 ** attempt} rounds`);
      const measured = summarise(
        await measureRounds({
          variants,
          deliveries,
          rounds: rounds * 2 ** attempt,
          deliveriesPerRound: 1,
          warmUpRounds: attempt === 0 ? warmUpRounds : 0,
          tolerance: 1e-5,
          random: seededRandom(rounds),
        }),
      );
      if (attempt >= retries || !measured.selfChecks.some(isNoisy)) return measured;
    }
  } finally {
    await deliveries.return(undefined);
    for (const variant of variants) await variant.release();
  }
}

function summarise([, without, views, outcomes, again]: readonly Spent[]): Measured {
  const cost = ({ cpu }: Spent) => ((quantile(cpu, 0.5) / deliveryRecords) * 1e3).toFixed(2);
  const compare = (spent: Spent) => ({
    ...ratioOf(without!.cpu, spent.cpu),
    floor: null,
    better: "higher" as const,
    detail: `${cost(spent)} against ${cost(without!)} µs an event; by the wall clock ${ratioOf(without!.wall, spent.wall).ratio.toFixed(2)}`,
  });
  const perSecond = outcomes!.cpu.map((ms) => (deliveryRecords / ms) * 1e3);
  return {
    results: [
      { name: "flights: handler with views, events/s ÷ without", ...compare(views!) },
      { name: "flights: handler with views and outcomes, events/s ÷ without", ...compare(outcomes!) },
      {
        name: `flights: handler with views and outcomes, events/s ÷ ${eventsPerSecond.toLocaleString("en-US")}`,
        ...ratioOf(
          perSecond,
          perSecond.map(() => eventsPerSecond),
        ),
        floor: 1,
        better: "higher",
        detail: `${Math.round(quantile(perSecond, 0.5)).toLocaleString("en-US")} events a second of this machine's CPU time`,
      },
    ],
    selfChecks: [{ name: "flights with views", ...ratioOf(outcomes!.cpu, again!.cpu) }],
  };
}

export function flightWorkload(options: FlightModelOptions): Omit<Workload, "deliveries" | "parseRow"> {
  return {
    name: modelName,
    files: flightModel(options),
    featureCount,
    tensor: { name: "score", width: 1, column: 0 },
    output: "probability",
  };
}

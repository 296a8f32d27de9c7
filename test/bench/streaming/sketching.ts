import { perceptronModel } from "../../../scripts/onnx/example-models.ts";
import { treeModel } from "../../../scripts/onnx/example-trees.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { quantile, ratioOf } from "../ratio.ts";
import { isNoisy, type Measured } from "../result.ts";
import { flightWorkload as flightTreesWorkload } from "../throughput/flight-workload.ts";
import { handlerVariant } from "../throughput/handler-variant.ts";
import { measureRounds, type Spent } from "../throughput/measure-rounds.ts";
import { syntheticWorkload } from "../throughput/synthetic-workload.ts";
import type { Variant } from "../throughput/variant.ts";
import { type Delivery, deliveryRows, rotate, type Workload } from "../throughput/workload.ts";
import { flightDeliveries } from "./flight-deliveries.ts";
import { flightWorkload, type StreamingOptions } from "./views.ts";

/** Share of the handler's rows a second that is left with sketches. */
const floor = 0.95;

interface Case {
  readonly workload: Pick<Workload, "name" | "files" | "output">;
  readonly deliveries: Iterator<Delivery> | AsyncGenerator<Delivery>;
  readonly deliveriesPerRound: number;
  readonly warmUpRounds: number;
}

/** What counting features and scores into sketches costs the handler, on ports in memory. */
export async function measureSketching(
  options: StreamingOptions & { readonly root: string },
): Promise<Measured> {
  const parts: Measured[] = [];
  for await (const each of cases(options.root)) parts.push(await measureCase(each, options));
  return {
    results: parts.flatMap(({ results }) => results),
    selfChecks: parts.flatMap(({ selfChecks }) => selfChecks),
  };
}

async function* cases(root: string): AsyncGenerator<Case> {
  const tensor = { name: "probabilities", width: 2, column: 1 };
  const trees = syntheticWorkload({ name: "trees-300", onnx: treeModel(), tensor, seed: 11 });
  yield { ...rotated(trees), deliveriesPerRound: 4 };
  const score = { name: "score", width: 1, column: 0 };
  const dense = syntheticWorkload({ name: "dense", onnx: perceptronModel(), tensor: score, seed: 12 });
  yield { ...rotated(dense), deliveriesPerRound: 16 };
  yield { ...rotated(await flightTreesWorkload(root)), deliveriesPerRound: 8 };
  yield {
    workload: { ...flightWorkload({ windowsFrom: "views", withOutcome: true }), name: "flights with views" },
    deliveries: flightDeliveries(deliveryRows),
    deliveriesPerRound: 1,
    warmUpRounds: 16,
  };
}

function rotated(workload: Workload): Omit<Case, "deliveriesPerRound"> {
  return { workload, deliveries: renumbered(workload.deliveries), warmUpRounds: 3 };
}

/** The same deliveries again and again, each time as later records: what is delivered again is not counted again. */
function* renumbered(deliveries: readonly Delivery[]): Generator<Delivery, void> {
  let sequenceNumber = 10n ** 55n;
  for (const { text, rows } of rotate(deliveries)) {
    const numbered = text.replace(/"sequenceNumber":"\d+"/g, () => `"sequenceNumber":"${sequenceNumber++}"`);
    yield { text: numbered, rows };
  }
}

async function measureCase(each: Case, { rounds, retries, onProgress }: StreamingOptions): Promise<Measured> {
  const { workload, deliveries, deliveriesPerRound } = each;
  const variants: readonly Variant[] = [
    await handlerVariant("without sketches", workload),
    await handlerVariant("with sketches", workload, { isSketching: true }),
    await handlerVariant("with sketches again", workload, { isSketching: true }),
  ];
  try {
    for (let attempt = 0; ; attempt++) {
      onProgress(`${workload.name} with sketches: ${rounds * 2 ** attempt} rounds`);
      const measured = summarise(
        each,
        await measureRounds({
          ...{ variants, deliveries, deliveriesPerRound },
          rounds: rounds * 2 ** attempt,
          warmUpRounds: attempt === 0 ? each.warmUpRounds : 0,
          tolerance: 0,
          random: seededRandom(rounds),
        }),
      );
      if (attempt >= retries || !measured.selfChecks.some(isNoisy)) return measured;
    }
  } finally {
    if ("return" in deliveries) await deliveries.return?.(undefined);
    for (const variant of variants) await variant.release();
  }
}

function summarise({ workload, deliveriesPerRound }: Case, spent: readonly Spent[]): Measured {
  const [without, sketching, again] = spent as [Spent, Spent, Spent];
  const cost = ({ cpu }: Spent) =>
    ((quantile(cpu, 0.5) / (deliveryRows * deliveriesPerRound)) * 1e3).toFixed(2);
  return {
    results: [
      {
        name: `${workload.name}: handler rows/s with sketches ÷ without`,
        ...ratioOf(without.cpu, sketching.cpu),
        floor,
        better: "higher",
        detail: `${cost(sketching)} against ${cost(without)} µs a row; by the wall clock ${ratioOf(without.wall, sketching.wall).ratio.toFixed(2)}`,
      },
    ],
    selfChecks: [{ name: `${workload.name} with sketches`, ...ratioOf(sketching.cpu, again.cpu) }],
  };
}

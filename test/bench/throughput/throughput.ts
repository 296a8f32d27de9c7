import { perceptronModel } from "../../../scripts/onnx/example-models.ts";
import { treeModel } from "../../../scripts/onnx/example-trees.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { quantile, ratioOf } from "../ratio.ts";
import { isNoisy, type Measured, type Result, type SelfCheck } from "../result.ts";
import { flightWorkload } from "./flight-workload.ts";
import { handlerVariant } from "./handler-variant.ts";
import { measureRounds, type Spent } from "./measure-rounds.ts";
import { naiveVariant, rawVariant } from "./ort-variants.ts";
import { syntheticWorkload } from "./synthetic-workload.ts";
import type { Variant } from "./variant.ts";
import { deliveryRows, rotate, type Workload } from "./workload.ts";

export interface ThroughputOptions {
  /** Folder of the project. */
  readonly root: string;
  readonly rounds: number;
  /** Further tries, with twice the rounds each, where noise swamps a measurement. */
  readonly retries: number;
  readonly onProgress: (text: string) => void;
}

interface Case {
  readonly load: (root: string) => Workload | Promise<Workload>;
  readonly deliveriesPerRound: number;
  readonly floors: { readonly raw: number | null; readonly naive: number | null };
}

/** Fast models get more deliveries per round, so that every round lasts tens of milliseconds. */
const cases: readonly Case[] = [
  {
    load: flightWorkload,
    deliveriesPerRound: 8,
    floors: { raw: null, naive: null },
  },
  {
    load: () =>
      syntheticWorkload({
        name: "trees-300",
        onnx: treeModel(),
        tensor: { name: "probabilities", width: 2, column: 1 },
        seed: 11,
      }),
    deliveriesPerRound: 4,
    floors: { raw: 0.7, naive: 2.3 },
  },
  {
    load: () =>
      syntheticWorkload({
        name: "dense",
        onnx: perceptronModel(),
        tensor: { name: "score", width: 1, column: 0 },
        seed: 12,
      }),
    deliveriesPerRound: 16,
    // Raw runs take a tenth of what decoding one event costs: no share of them can be promised.
    floors: { raw: null, naive: 3.5 },
  },
];

/** Rows per second of the stream function against ONNX Runtime alone and against the usual handler, per model. */
export async function measureThroughput(options: ThroughputOptions): Promise<Measured> {
  const results: Result[] = [];
  const selfChecks: SelfCheck[] = [];
  for (const each of cases) {
    const measured = await measureCase(each, options);
    results.push(...measured.results);
    selfChecks.push(...measured.selfChecks);
  }
  return { results, selfChecks };
}

async function measureCase(each: Case, options: ThroughputOptions): Promise<Measured> {
  const workload = await each.load(options.root);
  const variants = [
    await rawVariant("raw batched ORT", workload),
    await naiveVariant("naive handler", workload),
    await handlerVariant("handler", workload),
    await handlerVariant("handler again", workload),
  ];
  try {
    for (let attempt = 0; ; attempt++) {
      const rounds = options.rounds * 2 ** attempt;
      options.onProgress(`${workload.name}: ${rounds} rounds`);
      const measured = await measureOnce(each, { workload, variants, rounds });
      if (attempt >= options.retries || !measured.selfChecks.some(isNoisy)) return measured;
    }
  } finally {
    for (const variant of variants) await variant.release();
  }
}

async function measureOnce(
  { deliveriesPerRound, floors }: Case,
  on: { workload: Workload; variants: readonly Variant[]; rounds: number },
): Promise<Measured> {
  const { workload, variants, rounds } = on;
  const [raw, naive, handler, again] = await measureRounds({
    variants,
    deliveries: rotate(workload.deliveries),
    rounds,
    deliveriesPerRound,
    warmUpRounds: 3,
    tolerance: 1e-6,
    random: seededRandom(rounds),
  });
  const rows = deliveryRows * deliveriesPerRound;
  const cost = ({ cpu }: Spent) => ((quantile(cpu, 0.5) / rows) * 1e3).toFixed(2);
  const compare = (than: Spent) => ({
    ...ratioOf(than.cpu, handler!.cpu),
    better: "higher" as const,
    detail: `${cost(handler!)} against ${cost(than)} µs a row; by the wall clock ${ratioOf(than.wall, handler!.wall).ratio.toFixed(2)}`,
  });
  return {
    results: [
      { name: `${workload.name}: handler rows/s ÷ raw batched ORT`, floor: floors.raw, ...compare(raw!) },
      { name: `${workload.name}: handler rows/s ÷ usual handler`, floor: floors.naive, ...compare(naive!) },
    ],
    selfChecks: [{ name: workload.name, ...ratioOf(handler!.cpu, again!.cpu) }],
  };
}

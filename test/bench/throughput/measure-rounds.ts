import type { Random } from "../../../scripts/onnx/random.ts";
import { shuffled } from "../shuffle.ts";
import type { Variant } from "./variant.ts";
import type { Delivery } from "./workload.ts";

export interface RoundsOptions<Event> {
  /** The first is what the outputs of the others are compared with. */
  readonly variants: readonly Variant<Event>[];
  /** In order; what comes to an end is an error. */
  readonly deliveries: Iterator<Delivery> | AsyncIterator<Delivery>;
  readonly rounds: number;
  readonly deliveriesPerRound: number;
  /** Rounds before those that count. */
  readonly warmUpRounds: number;
  /** Greatest difference of an output from the first variant's. */
  readonly tolerance: number;
  readonly random: Random;
}

/** What one variant spent, round by round, in milliseconds. */
export interface Spent {
  /** CPU time of the thread. */
  readonly cpu: number[];
  readonly wall: number[];
}

/**
 * Run every variant on the same deliveries, turn by turn in random order: what disturbs the machine disturbs them alike.
 *
 * The thread's time on the CPU is what counts: no variant waits for anything, so on an idle machine it is the wall clock's, and
 * on a busy one other processes do not add to it. Linux counts it in ticks of milliseconds, so rounds last tens of them.
 *
 * @returns per variant, in order, what it spent.
 * @throws when a variant's outputs differ: its times then mean nothing.
 */
export async function measureRounds<Event>(options: RoundsOptions<Event>): Promise<readonly Spent[]> {
  const { variants, deliveries, rounds, warmUpRounds, deliveriesPerRound, random } = options;
  const spent = variants.map((): Spent => ({ cpu: [], wall: [] }));
  for (let round = -warmUpRounds; round < rounds; round++) {
    globalThis.gc?.();
    const sums = variants.map(() => ({ cpu: 0, wall: 0 }));
    for (let i = 0; i < deliveriesPerRound; i++) {
      const { value: delivery, done } = await deliveries.next();
      if (done) throw new Error("benchmark: got fewer deliveries than it takes; give it more");
      // As Lambda's runtime does before it calls the handler.
      const event = JSON.parse(delivery.text) as Event;
      for (const variant of shuffled(variants, random)) {
        const startedMs = performance.now();
        const startedCpu = process.threadCpuUsage();
        await variant.run(event, delivery.rows);
        const { user, system } = process.threadCpuUsage(startedCpu);
        const sum = sums[variants.indexOf(variant)]!;
        sum.wall += performance.now() - startedMs;
        sum.cpu += (user + system) / 1e3;
      }
      compareScores(options);
    }
    if (round < 0) continue;
    sums.forEach(({ cpu, wall }, i) => {
      spent[i]!.cpu.push(cpu);
      spent[i]!.wall.push(wall);
    });
  }
  return spent;
}

function compareScores<Event>({ variants, tolerance }: RoundsOptions<Event>): void {
  const [reference, ...others] = variants;
  const expected = reference!.takeScores();
  for (const variant of others) {
    const got = variant.takeScores();
    if (got.length !== expected.length) {
      throw new Error(`${variant.name}: got ${got.length} predictions, expected ${expected.length}`);
    }
    const row = expected.findIndex((score, i) => !(Math.abs(got[i]! - score) <= tolerance));
    if (row < 0) continue;
    throw new Error(
      `${variant.name}: got ${got[row]} in row ${row}, expected ${expected[row]} within ${tolerance}, as ${reference!.name} gives; its time does not count`,
    );
  }
}

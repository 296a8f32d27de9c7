import { setTimeout as sleep } from "node:timers/promises";
import { quantile, ratioOf } from "../ratio.ts";
import type { Measured } from "../result.ts";
import { outgoingEvents, startService, take } from "./wired-service.ts";

export interface ShadowOptions {
  /** Each measures without a shadow, with it, with it, and without. */
  readonly rounds: number;
  readonly roundSeconds: number;
  readonly onProgress: (text: string) => void;
}

/** Far below what one shard takes here, so that batches are small and time is the path's, not the queue's. */
const perSecond = 100;
/** What a shadow may add to the time from put to prediction that 95 of 100 events stay below. */
const most = 1.1;
/** A move is noticed within a second, and the version is loaded then. */
const settleMs = 3_000;

/** What a shadow adds to the latency of the champion on the stream, side by side in one running service. */
export async function measureShadow({ rounds, roundSeconds, onProgress }: ShadowOptions): Promise<Measured> {
  const service = await startService(1);
  try {
    const events = outgoingEvents();
    onProgress("beside a shadow: warming up");
    await service.put(await take(events, 3_000));
    const digest = await service.publishAnother();
    const turn = async (isShadowed: boolean) => {
      if (isShadowed) await service.move({ kind: "shadow", version: digest, sample: 1 });
      else await service.move({ kind: "stop", alias: "shadow" });
      await sleep(settleMs);
      await service.put(await take(events, 2 * perSecond), perSecond);
      const { latenciesMs } = await service.put(await take(events, roundSeconds * perSecond), perSecond);
      return quantile(latenciesMs, 0.95);
    };
    const [alone, beside, again]: [number[], number[], number[]] = [[], [], []];
    for (let round = 1; round <= rounds; round++) {
      onProgress(`beside a shadow: round ${round} of ${rounds}`);
      // In turns, so that what drifts meanwhile is no difference.
      const first = await turn(false);
      const shadowed = [await turn(true), await turn(true)];
      const last = await turn(false);
      alone.push((first + last) / 2);
      beside.push((shadowed[0]! + shadowed[1]!) / 2);
      again.push(first / last);
    }
    await events.return(undefined);
    if (service.sum("ShadowScored") === 0) throw new Error("beside a shadow: got no event scored by it");
    return {
      results: [
        {
          name: `a shadow: put to prediction at ${perSecond} events/s, p95 with ÷ without`,
          ...ratioOf(beside, alone),
          ...{ floor: most, better: "lower" },
          detail: `p95 ${quantile(beside, 0.5).toFixed(1)} ms with, ${quantile(alone, 0.5).toFixed(1)} ms without; ${service.sum("ShadowScored")} scored, ${service.sum("ShadowDropped")} dropped`,
        },
      ],
      selfChecks: [
        {
          name: "p95 without a shadow ÷ the same",
          ...ratioOf(
            again,
            again.map(() => 1),
          ),
        },
      ],
    };
  } finally {
    await service.stop();
  }
}

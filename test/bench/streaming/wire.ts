import { loadavg } from "node:os";
import { quantile } from "../ratio.ts";
import type { Result } from "../result.ts";
import { outgoingEvents, startService, take } from "./wired-service.ts";

export interface WireOptions {
  /** Events put as fast as the stream takes them, after as many again that do not count. */
  readonly eventCount: number;
  /** How long events are put at the steady rate. */
  readonly steadySeconds: number;
  /** Numbers of shards to measure. @default 1 and 4 */
  readonly shards?: readonly number[] | undefined;
  readonly onProgress: (text: string) => void;
}

const steadyPerSecond = 150;
/** Events per second, and milliseconds from put to prediction at the steady rate. */
const bars = { eventsPerSecond: 500, latencyMs: 150 } as const;

/**
 * The whole service on the wire, as npm start deploys it: four lookups over three views, twelve windows and the outcomes,
 * on one shard and on four.
 *
 * Absolute figures of this machine, whatever else it does: the load is told with them.
 */
export async function measureWire(options: WireOptions): Promise<Result[]> {
  const results: Result[] = [];
  for (const shardCount of options.shards ?? [1, 4])
    results.push(...(await measureShards(shardCount, options)));
  return results;
}

async function measureShards(shardCount: number, options: WireOptions): Promise<Result[]> {
  const { eventCount, steadySeconds, onProgress } = options;
  const service = await startService(shardCount);
  const where = shardCount === 1 ? "1 shard" : `${shardCount} shards`;
  try {
    const events = outgoingEvents();
    onProgress(`on the wire, ${where}: ${eventCount} events to warm up`);
    await service.put(await take(events, eventCount));
    onProgress(`on the wire, ${where}: ${eventCount} events at full speed`);
    const full = await service.put(await take(events, eventCount));
    const fullLoad = load();
    onProgress(`on the wire, ${where}: ${steadySeconds} s of ${steadyPerSecond} events a second`);
    const steady = await service.put(await take(events, steadySeconds * steadyPerSecond), steadyPerSecond);
    const steadyLoad = load();
    await events.return(undefined);
    const perSecond = full.eventCount / full.seconds;
    const at = (share: number) => quantile(steady.latenciesMs, share);
    return [
      {
        name: `on the wire, ${where}: events/s ÷ ${bars.eventsPerSecond}`,
        ...exactly(perSecond / bars.eventsPerSecond),
        ...{ floor: 1, better: "higher" },
        detail: `${perSecond.toFixed(0)} events a second; load average ${fullLoad}`,
      },
      {
        name: `on the wire, ${where}: put to prediction at ${steadyPerSecond} events/s, p50 ÷ ${bars.latencyMs} ms`,
        ...exactly(at(0.5) / bars.latencyMs),
        ...{ floor: 1, better: "lower" },
        detail: `p50 ${at(0.5).toFixed(0)}, p95 ${at(0.95).toFixed(0)}, p99 ${at(0.99).toFixed(0)} ms; load average ${steadyLoad}`,
      },
    ];
  } finally {
    await service.stop();
  }
}

function load(): string {
  return loadavg()[0]!.toFixed(1);
}

function exactly(ratio: number) {
  return { ratio, low: ratio, high: ratio };
}

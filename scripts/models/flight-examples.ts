import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { MemoryShardStateStore } from "../../functions/adapters/memory/memory-shard-state-store.ts";
import { openPackage } from "../backfill/open-package.ts";
import { placeEvents, type UnplacedEvent } from "../backfill/place-events.ts";
import { type Replayed, replayEvents } from "../backfill/replay-events.ts";
import { interleavedEvents } from "../flights/interleaved-events.ts";
import { untrainedFiles } from "./flight-delay-package.ts";

export interface FlightExampleOptions {
  /** Departures from `fromMs` up to `toMs`, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Takes the examples, as gzip NDJSON. */
  readonly folder: string;
  readonly onProgress?: (eventCount: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Make examples of flights by serving them: departures and arrivals go through the stream function's own code, with a
 * model that knows nothing yet, and what it was served is what is learned from.
 */
export async function makeFlightExamples(options: FlightExampleOptions): Promise<Replayed> {
  const { fromMs, toMs, folder, onProgress, signal } = options;
  const untrained = await mkdtemp(join(tmpdir(), "headrace-untrained-"));
  try {
    for (const [name, content] of Object.entries(await untrainedFiles()))
      await writeFile(join(untrained, name), content);
    const { model } = await openPackage(untrained);
    await mkdir(folder, { recursive: true });
    let objects = 0;
    return await replayEvents({
      model,
      events: placeEvents(flightEvents(fromMs, toMs)),
      tiles: new MemoryShardStateStore(),
      async onExamples({ examples }) {
        const lines = examples.map((each) => `${JSON.stringify(each)}\n`).join("");
        const name = `${String(objects++).padStart(6, "0")}.ndjson.gz`;
        await writeFile(join(folder, name), await promisify(gzip)(lines));
      },
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
  } finally {
    await rm(untrained, { recursive: true, force: true });
  }
}

/** As if each had arrived when it happened. */
async function* flightEvents(fromMs: number, toMs: number): AsyncGenerator<UnplacedEvent> {
  for await (const { timeMs, event } of interleavedEvents({ fromMs, toMs, limit: Infinity }))
    yield { partitionKey: event.origin, data: JSON.stringify(event), arrivedAtMs: timeMs };
}

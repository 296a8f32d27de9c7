import { hash } from "node:crypto";
import type { UnplacedEvent } from "../backfill/place-events.ts";
import { interleavedEvents } from "../flights/interleaved-events.ts";

export interface StoryFlights {
  /** Departures from `fromMs` up to `toMs`, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Share of the flights, by the hash of their number: above 0, at most 1. */
  readonly sample: number;
}

/** The departures and arrivals of a sample of the flights, as if each event had arrived when it happened. */
export async function* storyFlights({ fromMs, toMs, sample }: StoryFlights): AsyncGenerator<UnplacedEvent> {
  for await (const { timeMs, event } of interleavedEvents({ fromMs, toMs, limit: Infinity })) {
    if (sample < 1 && !isIn(event.flight, sample)) continue;
    yield { partitionKey: event.origin, data: JSON.stringify(event), arrivedAtMs: timeMs };
  }
}

/** A flight is in whole, departure and arrival, or not at all. */
function isIn(flight: string, sample: number): boolean {
  return hash("sha256", flight, "buffer").readUInt32LE() / 2 ** 32 < sample;
}

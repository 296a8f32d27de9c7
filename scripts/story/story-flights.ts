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

/** A flight is in whole, departure and arrival, or not at all: by the finaliser of MurmurHash3 of its number. */
export function isIn(flight: string, sample: number): boolean {
  let bits = Number(flight) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32 < sample;
}

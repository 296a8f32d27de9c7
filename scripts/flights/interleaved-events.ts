import { type ArrivalEvent, arrivalEvent, arrivesMs } from "./arrival-event.ts";
import { type DepartureEvent, departureEvent } from "./departure-event.ts";
import type { Flight } from "./flight.ts";
import { createHeap } from "./heap.ts";
import { type FlightSelection, flightsFile, readFlights } from "./read-flights.ts";

/** One event of the stream; its partition key is `event.origin`, so that both of a flight share a shard. */
export interface FlightEvent {
  /** Epoch milliseconds: the scheduled departure, or the landing. */
  readonly timeMs: number;
  readonly flight: Flight;
  readonly event: DepartureEvent | ArrivalEvent;
}

export interface EventSelection extends FlightSelection {
  /** How much of the time before `fromMs` comes first, whatever the limit; at least 0. @default 0 */
  readonly warmUpMs?: number | undefined;
}

/** No flight of the data is in the air for longer: the longest takes 37.5 hours, delay included. */
export const longestFlightMs = 38 * 3_600_000;

/**
 * Give flights as the events of a stream, in the order of their time: each flight's departure when it is scheduled to
 * leave, and its arrival, which tells the delay, when it lands.
 *
 * Selected are flights by their departure; the arrivals of all of them come, those after `toMs` too. With a warm-up
 * everything that happened from `fromMs - warmUpMs` to `fromMs` comes first, arrivals of flights that had left before
 * that included. At the same instant arrivals come before departures, so that a departure knows all that has landed
 * by then; else the earlier row comes first. Equal selections give equal events.
 *
 * In memory are the flights in the air, a few thousand, beside what {@link readFlights} holds.
 */
export async function* interleavedEvents(
  { warmUpMs = 0, ...selection }: EventSelection,
  file = flightsFile,
): AsyncGenerator<FlightEvent> {
  const startMs = selection.fromMs - warmUpMs;
  for await (const { type, timeMs, flight } of happenings(flightsOf(selection, startMs, file))) {
    if (timeMs < startMs) continue;
    yield { timeMs, flight, event: type === "departure" ? departureEvent(flight) : arrivalEvent(flight) };
  }
}

async function* flightsOf(selection: FlightSelection, startMs: number, file: string): AsyncGenerator<Flight> {
  const { fromMs } = selection;
  if (startMs < fromMs) {
    yield* readFlights({ fromMs: startMs - longestFlightMs, toMs: fromMs, limit: Infinity }, file);
  }
  yield* readFlights(selection, file);
}

interface Happening {
  readonly type: "departure" | "arrival";
  readonly timeMs: number;
  readonly flight: Flight;
}

/** @param flights - in the order of their departure. */
async function* happenings(flights: AsyncIterable<Flight>): AsyncGenerator<Happening> {
  const inTheAir = createHeap<Happening>((a, b) => a.timeMs - b.timeMs || a.flight.row - b.flight.row);
  for await (const flight of flights) {
    while (inTheAir.size > 0 && inTheAir.peek()!.timeMs <= flight.departsMs) yield inTheAir.pop()!;
    yield { type: "departure", timeMs: flight.departsMs, flight };
    inTheAir.push({ type: "arrival", timeMs: arrivesMs(flight), flight });
  }
  while (inTheAir.size > 0) yield inTheAir.pop()!;
}

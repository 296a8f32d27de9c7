import { flag, integer, path, time } from "../cli/option.ts";
import { UsageError } from "../cli/usage-error.ts";
import { type FlightEvent, interleavedEvents } from "../flights/interleaved-events.ts";
import type { FlightSelection } from "../flights/read-flights.ts";

/** The options that `start` and `replay` share. */
export const flightOptions = {
  flights: integer("how many flights to replay", { min: 1, max: 3_000_000, fallback: 20_000 }),
  from: time("first scheduled departure; the data is of 2001-01-01 to 2001-06-30", Date.UTC(2001, 0, 31)),
  history: integer("hours before the first departure whose arrivals come first", {
    min: 0,
    max: 720,
    fallback: 24,
  }),
  out: path("write every prediction beside the truth to a file, one JSON object a line"),
  json: flag("print one JSON object as the last line"),
};

/** What is replayed, in the order in which it happened. */
export interface FlightEvents {
  /** Departures and arrivals, those of `history` first. */
  readonly events: readonly FlightEvent[];
  /** How many of the events are of before: arrivals that fill the windows, and whose departures are not replayed. */
  readonly historyCount: number;
}

export interface EventsWanted extends FlightSelection {
  /** How long before the first departure arrivals come along. */
  readonly historyMs: number;
}

/**
 * Read the events to replay: the departures and arrivals of the flights, and the arrivals of before.
 *
 * @throws {UsageError} when the data has no flight in that time.
 */
export async function loadEvents({ historyMs, ...selection }: EventsWanted): Promise<FlightEvents> {
  const { fromMs, toMs } = selection;
  const events: FlightEvent[] = [];
  let historyCount = 0;
  for await (const each of interleavedEvents({ ...selection, warmUpMs: historyMs })) {
    if (each.flight.departsMs < fromMs && each.event.type === "departure") continue;
    if (each.timeMs < fromMs) historyCount++;
    events.push(each);
  }
  if (events.some(({ event }) => event.type === "departure")) return { events, historyCount };
  const day = (timeMs: number) => new Date(timeMs).toISOString();
  throw new UsageError(
    `--from: got ${day(fromMs)}${toMs === undefined ? "" : `, --to ${day(toMs)}`}, which leaves no flight; ` +
      "the data is of 2001-01-01 to 2001-06-30",
  );
}

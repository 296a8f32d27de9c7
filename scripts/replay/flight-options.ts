import { flag, integer, path, time } from "../cli/option.ts";
import { UsageError } from "../cli/usage-error.ts";
import type { Flight } from "../flights/flight.ts";
import { type FlightSelection, readFlights } from "../flights/read-flights.ts";

/** The options that `start` and `replay` share. */
export const flightOptions = {
  flights: integer("how many flights to replay", { min: 1, max: 3_000_000, fallback: 20_000 }),
  from: time("first scheduled departure; the data is of 2001-01-01 to 2001-06-30", Date.UTC(2001, 0, 31)),
  out: path("write every prediction beside the truth to a file, one JSON object a line"),
  json: flag("print one JSON object as the last line"),
};

/**
 * Read the flights to replay.
 *
 * @throws {UsageError} when the data has none in that time.
 */
export async function loadFlights(selection: FlightSelection): Promise<readonly Flight[]> {
  const flights: Flight[] = [];
  for await (const flight of readFlights(selection)) flights.push(flight);
  if (flights.length > 0) return flights;
  const { fromMs, toMs } = selection;
  const day = (timeMs: number) => new Date(timeMs).toISOString();
  throw new UsageError(
    `--from: got ${day(fromMs)}${toMs === undefined ? "" : `, --to ${day(toMs)}`}, which leaves no flight; ` +
      "the data is of 2001-01-01 to 2001-06-30",
  );
}

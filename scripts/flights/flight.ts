/** One flight of the data, as scheduled and as it went. */
export interface Flight {
  /** Row number in the data, from 0. */
  readonly row: number;
  /** Scheduled departure, epoch milliseconds; the data's clock is read as UTC. */
  readonly departsMs: number;
  /** IATA code of the airport, e.g. `ORD`. */
  readonly origin: string;
  readonly destination: string;
  readonly distanceMiles: number;
  /** Minutes late at arrival; negative when early. */
  readonly delayMinutes: number;
}

/** Name of a flight in events: its row number with seven digits, e.g. `0492426`. */
export function flightId({ row }: Pick<Flight, "row">): string {
  return String(row).padStart(7, "0");
}

/** What the flight-delay model predicts: arrives more than 15 minutes late. */
export function isLate({ delayMinutes }: Pick<Flight, "delayMinutes">): boolean {
  return delayMinutes > 15;
}

import { type Flight, flightId } from "./flight.ts";
import { instantText } from "./instant-text.ts";

/** The fact that a flight has landed: what the truth of a prediction, and of those after it, is learned from. */
export interface ArrivalEvent {
  readonly type: "arrival";
  readonly flight: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly arrives: string;
  readonly origin: string;
  readonly destination: string;
  /** Minutes late; negative when early. */
  readonly delay: number;
}

export function arrivalEvent(flight: Flight): ArrivalEvent {
  return {
    type: "arrival",
    flight: flightId(flight),
    arrives: instantText(arrivesMs(flight)),
    origin: flight.origin,
    destination: flight.destination,
    delay: flight.delayMinutes,
  };
}

/** 450 miles an hour. */
const millisecondsPerMile = 8_000;
const onTheGroundMs = 30 * 60_000;
/** No flight lands before it can have taken off, whatever the data says. */
const earliestMinutes = -20;

/**
 * When a flight lands: the data has the delay but not the schedule, so the flight takes 30 minutes and its distance
 * at 450 miles an hour, and the delay, of which no more than 20 minutes early count.
 *
 * @returns epoch milliseconds, a whole second, at least 10 minutes after the departure.
 */
export function arrivesMs({ departsMs, distanceMiles, delayMinutes }: Omit<Flight, "row">): number {
  const delayMs = Math.max(delayMinutes, earliestMinutes) * 60_000;
  return departsMs + distanceMiles * millisecondsPerMile + onTheGroundMs + delayMs;
}

import { type Flight, flightId } from "./flight.ts";
import { instantText } from "./instant-text.ts";

/** The fact that a flight is about to leave: what a prediction is asked for. It knows nothing of the delay. */
export interface DepartureEvent {
  readonly type: "departure";
  readonly flight: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly departs: string;
  readonly origin: string;
  readonly destination: string;
  /** Miles. */
  readonly distance: number;
}

export function departureEvent(flight: Flight): DepartureEvent {
  return {
    type: "departure",
    flight: flightId(flight),
    departs: instantText(flight.departsMs),
    origin: flight.origin,
    destination: flight.destination,
    distance: flight.distanceMiles,
  };
}

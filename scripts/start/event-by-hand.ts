import { type DepartureEvent, departureEvent } from "../flights/departure-event.ts";
import { type Flight, flightId } from "../flights/flight.ts";

/**
 * A made departure, for someone to send.
 *
 * @param after - it leaves when this one does, so that its time is that of the replay.
 */
export function eventByHand(after: Flight): DepartureEvent {
  return {
    ...departureEvent({ ...after, origin: "ORD", destination: "MCO", distanceMiles: 1005 }),
    flight: `${flightId(after)}-by-hand`,
  };
}

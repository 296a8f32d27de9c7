import * as z from "zod";
import declaration from "../fixtures/flight-delay-trees/model.json" with { type: "json" };

const departure = z.object({
  type: z.literal("departure"),
  flight: z.string(),
  departs: z.iso.datetime(),
  origin: z.string().length(3),
  destination: z.string().length(3),
  distance: z.number().min(0).max(6000),
});

const airports = declaration.features.origin.as.index;
const positions = new Map(airports.map((code, i) => [code, i]));

/**
 * The features of a departure, as someone writes it by hand for this model alone; origins and destinations are the
 * same airports.
 *
 * @throws {z.ZodError} when it is no departure.
 */
export function flightRow(json: unknown): Float32Array {
  const event = departure.parse(json);
  const departs = new Date(event.departs);
  return Float32Array.of(
    departs.getUTCHours(),
    departs.getUTCDay(),
    event.distance,
    positions.get(event.origin) ?? -1,
    positions.get(event.destination) ?? -1,
  );
}

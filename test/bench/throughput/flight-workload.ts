import { departureEvent } from "../../../scripts/flights/departure-event.ts";
import { readFlights } from "../../../scripts/flights/read-flights.ts";
import { readFolder } from "../../../scripts/publish/read-folder.ts";
import { flightRow } from "../flight-row.ts";
import { deliveryCount, deliveryRows, makeDeliveries, type Workload } from "./workload.ts";

/** The example package on real flights in the order of their departures, from February 2001 on. */
export async function flightWorkload(folder: string): Promise<Workload> {
  const events: object[] = [];
  const selection = { fromMs: Date.UTC(2001, 1, 1), limit: deliveryCount * deliveryRows };
  for await (const flight of readFlights(selection)) events.push(departureEvent(flight));
  return { ...(await flightModel(folder)), deliveries: makeDeliveries(events, flightRow) };
}

/** The example package without events. */
export async function flightModel(folder: string): Promise<Omit<Workload, "deliveries">> {
  const { files } = await readFolder(folder);
  return {
    name: "flight-delay",
    files,
    featureCount: 5,
    tensor: { name: "probabilities", width: 2, column: 1 },
    output: "probability",
    parseRow: flightRow,
  };
}

import { join } from "node:path";
import { departureEvent } from "../../../scripts/flights/departure-event.ts";
import { readFlights } from "../../../scripts/flights/read-flights.ts";
import { readFolder } from "../../../scripts/publish/read-folder.ts";
import { flightRow } from "../flight-row.ts";
import { deliveryCount, deliveryRows, makeDeliveries, type Workload } from "./workload.ts";

/** Boosted trees on five features of a flight, without state: its folder among the fixtures. */
export const flightTrees = join("test", "fixtures", "flight-delay-trees");

/** The package of trees on real flights in the order of their departures, from February 2001 on. */
export async function flightWorkload(root: string): Promise<Workload> {
  const events: object[] = [];
  const selection = { fromMs: Date.UTC(2001, 1, 1), limit: deliveryCount * deliveryRows };
  for await (const flight of readFlights(selection)) events.push(departureEvent(flight));
  return {
    ...(await flightModel(join(root, flightTrees))),
    deliveries: makeDeliveries(events, flightRow),
    parseRow: flightRow,
  };
}

/** A package of flights without events: the features of `flightRow`, then windows, if it has any. */
export async function flightModel(folder: string): Promise<Omit<Workload, "deliveries" | "parseRow">> {
  const { files } = await readFolder(folder);
  const { features } = JSON.parse(Buffer.from(files.get("model.json")!).toString()) as { features: object };
  return {
    name: "flight-delay",
    files,
    featureCount: Object.keys(features).length,
    tensor: { name: "probabilities", width: 2, column: 1 },
    output: "probability",
  };
}

import { readFile } from "node:fs/promises";

const file = new URL("../../test/fixtures/flight-delay/airports.json", import.meta.url);

/** IATA codes of the airports that the flight-delay models know; a code's place is its index. */
export async function readAirports(): Promise<readonly string[]> {
  const indices = JSON.parse(await readFile(file, "utf8")) as Record<string, number>;
  return Object.keys(indices).sort((a, b) => indices[a]! - indices[b]!);
}

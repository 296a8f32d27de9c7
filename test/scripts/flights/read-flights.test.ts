import { readFile } from "node:fs/promises";
import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import type { Flight } from "../../../scripts/flights/flight.ts";
import { type FlightSelection, flightsFile, readFlights } from "../../../scripts/flights/read-flights.ts";

const at = (time: string) => Date.parse(time);

async function collect(selection: FlightSelection): Promise<Flight[]> {
  const flights: Flight[] = [];
  for await (const flight of readFlights(selection)) flights.push(flight);
  return flights;
}

describe("readFlights", () => {
  it("gives the flights of the data that the model's golden rows were taken from", async () => {
    const flights = await collect({ fromMs: at("2001-01-31T06:44:00Z"), limit: 200 });

    // Two of the 300 rows that came with the model: schedule, route and distance were written down elsewhere.
    expect(flights).toContainEqual({
      row: 492_426,
      departsMs: at("2001-01-31T06:44:00Z"),
      origin: "ORD",
      destination: "MCO",
      distanceMiles: 1005,
      delayMinutes: -7,
    });
    expect(flights).toContainEqual(
      expect.objectContaining({
        departsMs: at("2001-01-31T06:47:00Z"),
        origin: "BHM",
        destination: "ATL",
        distanceMiles: 134,
      }),
    );
  });

  it("starts at the first departure that is not before the wanted time", async () => {
    const [first] = await collect({ fromMs: at("2001-01-31"), limit: 1 });
    const [after] = await collect({ fromMs: at("2001-01-31") + 1, limit: 1 });

    expect(first).toMatchObject({ row: 491_292, departsMs: at("2001-01-31") });
    expect(after!.departsMs).toBe(at("2001-01-31T00:01:00Z"));
  });

  it("reads on over the border of two row groups without losing, doubling or reordering a flight", async () => {
    const border = 545_454;
    const file = await readFile(flightsFile);
    const rows = await parquetReadObjects({
      file: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer,
      rowStart: border - 1_000,
      rowEnd: border + 1_000,
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    const fromMs = rows[500]!.date.getTime() as number;
    const start = rows.findIndex(({ date }) => date.getTime() === fromMs);

    const flights = await collect({ fromMs, limit: rows.length - start });

    expect(flights).toEqual(
      rows.slice(start).map((row, index) => ({
        row: border - 1_000 + start + index,
        departsMs: row.date.getTime(),
        origin: row.origin,
        destination: row.destination,
        distanceMiles: Number(row.distance),
        delayMinutes: Number(row.delay),
      })),
    );
  });

  it("ends before the upper bound of the time", async () => {
    const flights = await collect({
      fromMs: at("2001-01-31"),
      toMs: at("2001-01-31T00:05:00Z"),
      limit: 1_000,
    });

    expect(flights.length).toBeGreaterThan(0);
    expect(flights.length).toBeLessThan(100);
    expect(Math.max(...flights.map(({ departsMs }) => departsMs))).toBeLessThan(at("2001-01-31T00:05:00Z"));
  });

  it("gives nothing where nothing is wanted or the data has nothing", async () => {
    expect(await collect({ fromMs: at("2001-01-31"), limit: 0 })).toEqual([]);
    expect(await collect({ fromMs: at("2001-01-31"), toMs: at("2001-01-30"), limit: 5 })).toEqual([]);
    expect(await collect({ fromMs: at("2002-01-01"), limit: 5 })).toEqual([]);
  });

  it("starts at the first row of the data for any time before it", async () => {
    const [first] = await collect({ fromMs: at("1999-01-01"), limit: 1 });

    expect(first).toMatchObject({ row: 0, departsMs: at("2001-01-01T00:01:00Z") });
  });
});

import { describe, expect, it } from "vitest";
import type { Flight } from "../../../scripts/flights/flight.ts";
import {
  type EventSelection,
  type FlightEvent,
  interleavedEvents,
  longestFlightMs,
} from "../../../scripts/flights/interleaved-events.ts";
import { readFlights } from "../../../scripts/flights/read-flights.ts";

const hourMs = 3_600_000;
const at = (time: string) => Date.parse(time);
const day = at("2001-01-31");

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** When a flight lands, from the minutes that the data's description gives. */
function landing({ departsMs, distanceMiles, delayMinutes }: Flight): number {
  const minutes = (distanceMiles / 450) * 60 + 30 + Math.max(delayMinutes, -20);
  return Math.round(departsMs + minutes * 60_000);
}

/** Slow and plain: every flight of three days before and one after, both events of each, sorted, cut. */
async function oracle({ fromMs, toMs = Infinity, limit, warmUpMs = 0 }: EventSelection) {
  const flights = await collect(
    readFlights({ fromMs: fromMs - 72 * hourMs, toMs: Math.min(toMs, fromMs + 24 * hourMs), limit: 200_000 }),
  );
  const before = flights.filter(({ departsMs }) => departsMs < fromMs);
  const selected = flights.filter(({ departsMs }) => departsMs >= fromMs).slice(0, limit);
  return [...(warmUpMs > 0 ? before : []), ...selected]
    .flatMap((flight) => [
      { type: "arrival", order: 0, row: flight.row, timeMs: landing(flight) },
      { type: "departure", order: 1, row: flight.row, timeMs: flight.departsMs },
    ])
    .filter(({ timeMs }) => timeMs >= fromMs - warmUpMs)
    .sort((a, b) => a.timeMs - b.timeMs || a.order - b.order || a.row - b.row)
    .map(({ type, row, timeMs }) => ({ type, row, timeMs }));
}

const brief = ({ event, flight, timeMs }: FlightEvent) => ({ type: event.type, row: flight.row, timeMs });

describe("interleavedEvents", () => {
  it("gives a day's departures and arrivals in the order in which a sort of all of them puts them", async () => {
    const selection = { fromMs: day, toMs: day + 24 * hourMs, limit: 100_000 };

    const events = await collect(interleavedEvents(selection));

    expect(events.map(brief)).toEqual(await oracle(selection));
    expect(events).toHaveLength(2 * 16_947);
  });

  it("with a warm-up gives what happened before it too, landings of flights that had left long before included", async () => {
    const selection = { fromMs: day, limit: 500, warmUpMs: 6 * hourMs };

    const events = await collect(interleavedEvents(selection));

    const expected = await oracle(selection);
    expect(events.map(brief)).toEqual(expected);
    expect(events.filter(({ flight }) => flight.departsMs < day - 6 * hourMs).length).toBeGreaterThan(500);
    expect(Math.min(...events.map(({ timeMs }) => timeMs))).toBeGreaterThanOrEqual(day - 6 * hourMs);
  });

  it("gives every selected flight exactly one departure and one arrival, each with its own time and the same key", async () => {
    const events = await collect(interleavedEvents({ fromMs: day, limit: 300 }));

    const byFlight = Map.groupBy(events, ({ event }) => event.flight);
    expect(byFlight.size).toBe(300);
    for (const [departure, arrival] of byFlight.values()) {
      expect([departure!.event.type, arrival!.event.type]).toEqual(["departure", "arrival"]);
      expect(departure!.event.origin).toBe(arrival!.event.origin);
      expect(departure!.event).toMatchObject({ departs: isoText(departure!.timeMs) });
      expect(arrival!.event).toMatchObject({
        arrives: isoText(arrival!.timeMs),
        delay: arrival!.flight.delayMinutes,
      });
    }
  });

  it("reads on over the border of two row groups of the data", async () => {
    const fromMs = at("2001-02-03T10:00:00Z");
    const selection = { fromMs, toMs: fromMs + 8 * hourMs, limit: 100_000, warmUpMs: 2 * hourMs };

    const events = await collect(interleavedEvents(selection));

    expect(events.map(brief)).toEqual(await oracle(selection));
    const rows = events.map(({ flight }) => flight.row);
    expect(rows.some((row) => row < 545_454) && rows.some((row) => row >= 545_454)).toBe(true);
  });

  it("gives nothing of no flights, and a warm-up alone where only that is wanted", async () => {
    expect(await collect(interleavedEvents({ fromMs: day, limit: 0 }))).toEqual([]);
    const alone = await collect(interleavedEvents({ fromMs: day, limit: 0, warmUpMs: hourMs }));
    expect(alone.map(brief)).toEqual(await oracle({ fromMs: day, limit: 0, warmUpMs: hourMs }));
    expect(alone.length).toBeGreaterThan(0);
  });

  it("knows how long the longest flight of the data is in the air", async () => {
    let longestMs = 0;
    for await (const flight of readFlights({ fromMs: 0, limit: Infinity })) {
      longestMs = Math.max(longestMs, landing(flight) - flight.departsMs);
    }
    expect(longestMs).toBeGreaterThan(longestFlightMs - hourMs);
    expect(longestMs).toBeLessThanOrEqual(longestFlightMs);
  });
});

function isoText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(".000", "");
}

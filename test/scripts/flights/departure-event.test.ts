import { expect, it } from "vitest";
import { departureEvent } from "../../../scripts/flights/departure-event.ts";
import { isLate } from "../../../scripts/flights/flight.ts";

const flight = {
  row: 492_426,
  departsMs: Date.UTC(2001, 0, 31, 6, 44),
  origin: "ORD",
  destination: "MCO",
  distanceMiles: 1005,
  delayMinutes: 25,
};

it("a departure event is the JSON that the model package reads, and tells nothing of the delay", () => {
  expect(JSON.stringify(departureEvent(flight))).toBe(
    '{"type":"departure","flight":"0492426","departs":"2001-01-31T06:44:00Z","origin":"ORD","destination":"MCO","distance":1005}',
  );
});

it("a flight is late from the sixteenth minute on", () => {
  expect([-30, 0, 15, 16].map((delayMinutes) => isLate({ delayMinutes }))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

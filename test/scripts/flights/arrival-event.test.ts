import { expect, it } from "vitest";
import { arrivalEvent, arrivesMs } from "../../../scripts/flights/arrival-event.ts";

const flight = {
  row: 163_764,
  departsMs: Date.UTC(2001, 0, 31, 6, 44),
  origin: "ORD",
  destination: "MCO",
  distanceMiles: 1005,
  delayMinutes: 25,
};

it("an arrival event is the JSON of the design, and lands after 30 minutes, the way at 450 miles an hour and the delay", () => {
  expect(JSON.stringify(arrivalEvent(flight))).toBe(
    '{"type":"arrival","flight":"0163764","arrives":"2001-01-31T09:53:00Z","origin":"ORD","destination":"MCO","delay":25}',
  );
});

it("a flight may land early, by no more than 20 minutes, and tells how early the data says", () => {
  const landing = (delayMinutes: number) => arrivalEvent({ ...flight, delayMinutes });

  expect(landing(-20)).toMatchObject({ arrives: "2001-01-31T09:08:00Z", delay: -20 });
  expect(landing(-21)).toMatchObject({ arrives: "2001-01-31T09:08:00Z", delay: -21 });
  expect(landing(-1116)).toMatchObject({ arrives: "2001-01-31T09:08:00Z", delay: -1116 });
});

it("a way that is no whole number of minutes ends on a whole second", () => {
  // 134 miles at 450 an hour are 17 minutes and 52 seconds.
  expect(arrivalEvent({ ...flight, distanceMiles: 134, delayMinutes: 0 }).arrives).toBe(
    "2001-01-31T07:31:52Z",
  );
});

it("no flight lands before it departs", () => {
  expect(arrivesMs({ ...flight, distanceMiles: 0, delayMinutes: -500 })).toBe(flight.departsMs + 600_000);
});

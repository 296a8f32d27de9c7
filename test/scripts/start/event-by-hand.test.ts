import { expect, it } from "vitest";
import { eventByHand } from "../../../scripts/start/event-by-hand.ts";

it("the made departure leaves when the flight before it does, from elsewhere, and says that it is made", () => {
  const after = {
    row: 511_291,
    departsMs: Date.UTC(2001, 1, 1, 8, 20),
    origin: "SEA",
    destination: "PDX",
    distanceMiles: 129,
    delayMinutes: 3,
  };

  expect(eventByHand(after)).toEqual({
    type: "departure",
    flight: "0511291-by-hand",
    departs: "2001-02-01T08:20:00Z",
    origin: "ORD",
    destination: "MCO",
    distance: 1005,
  });
});

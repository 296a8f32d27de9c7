import { expect, it } from "vitest";
import type { EventFeatures } from "../../../scripts/features/explain-features.ts";
import { formatFeatures } from "../../../scripts/features/format-features.ts";

const features: EventFeatures = {
  model: "flight-delay",
  digest: "0123456789abcdef".repeat(4),
  eventId: "0492426",
  eventTime: "2001-01-31T06:44:30.000Z",
  asks: true,
  features: [
    {
      name: "distance",
      value: 1005,
      source: { from: "event", path: "distance", raw: 1005, isDefault: false },
    },
    {
      name: "hub",
      value: [0, 1],
      source: { from: "event", path: "origin", raw: "x".repeat(70), isDefault: false },
    },
    { name: "age", value: 7, source: { from: "event", path: "aircraft.age", isDefault: true } },
    {
      name: "origin_late_rate_3h",
      value: Math.fround(0.214285714),
      source: {
        ...{ from: "view", view: "arrivals_by_origin", key: "ORD", agg: "rate", over: "3h" },
        ...{ begins: "2001-01-31T03:45:00.000Z", ends: "2001-01-31T06:45:00.000Z" },
        ...{ raw: 0.21428571428571427, isDefault: false, tilesMerged: 14, itemsRead: 1 },
      },
    },
    {
      name: "route_count_1h",
      value: 0,
      source: {
        ...{ from: "view", view: "arrivals_on_route", key: '["ORD","MCO"]', agg: "count", over: "1h" },
        ...{ begins: "2001-01-31T05:45:00.000Z", ends: "2001-01-31T06:45:00.000Z" },
        ...{ raw: 0, isDefault: true, tilesMerged: 0, itemsRead: 0 },
      },
    },
  ],
};

it("formatFeatures prints a line per feature: its value, and where that comes from", () => {
  expect(formatFeatures(features)).toEqual([
    "flight-delay 0123456789ab, event 0492426, 2001-01-31T06:44:30Z",
    "",
    "feature                  value  from",
    "distance                  1005  event, distance: 1005",
    `hub                     [0, 1]  event, origin: "${"x".repeat(58)}…`,
    "age                          7  event, aircraft.age: nothing, so the default",
    "origin_late_rate_3h  0.2142857  rate over 3h of arrivals_by_origin at ORD, 2001-01-31T03:45Z to 2001-01-31T06:45Z: 0.2142857 from 14 tiles in 1 item",
    'route_count_1h               0  count over 1h of arrivals_on_route at ["ORD","MCO"], 2001-01-31T05:45Z to 2001-01-31T06:45Z: nothing, so the default 0',
  ]);
});

it("formatFeatures says of an event that asks for nothing that it does not", () => {
  expect(formatFeatures({ ...features, asks: false, eventId: "\u001b[2J", features: [] })).toEqual([
    'flight-delay 0123456789ab, event "\\u001b[2J", 2001-01-31T06:44:30Z',
    "On the stream this event asks for nothing: predictOn does not match it.",
    "",
    "feature  value  from",
  ]);
});

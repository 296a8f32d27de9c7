import { describe, expect, it } from "vitest";
import type { StageBackfilled } from "../../../scripts/backfill/backfill-stage.ts";
import { backfilledJson, showBackfilled } from "../../../scripts/backfill/show-backfilled.ts";

const done: StageBackfilled = {
  ...{ model: "flight-delay", digest: "0123abcd", objects: 744, shards: 4, passedOver: 1200 },
  replayed: {
    ...{ events: 330_000, predictions: 165_000, skipped: 0, rejected: 3, late: 12, examples: 164_000 },
    rejectedByReason: { "input.missing": 2, "input.range": 1 },
    outcomes: { joined: 164_000, conflicting: 0, repeated: 0, late: 0, early: 5 },
    durationMs: 25_000,
  },
  examples: 160_000,
  tiles: { written: 190_000, standing: 20, left: 7 },
  durationMs: 90_500,
};

describe("a backfill", () => {
  it("is told in words", () => {
    expect(showBackfilled(done).split("\n")).toEqual([
      "backfilled flight-delay 0123abcd",
      "  archive     744 objects, 4 shards",
      "  events      330,000 replayed, 1,200 of other times",
      "  predictions 165,000, 164,000 with their outcome",
      "  examples    160,000",
      "  tiles       190,000 blocks written, 20 stood there, 7 left as live events wrote them",
      "  late        12 not counted in a view",
      "  rejected    2 input.missing, 1 input.range",
      "  time        90.5 s, 13,200 events per second replayed",
    ]);
  });

  it("says nothing of what did not happen", () => {
    const { replayed } = done;
    const text = showBackfilled({ ...done, replayed: { ...replayed, late: 0, rejectedByReason: {} } });
    expect(text).not.toMatch(/late |rejected/);
  });

  it("is one object as JSON", () => {
    expect(JSON.parse(backfilledJson(done))).toEqual({
      ...{ model: "flight-delay", digest: "0123abcd", events: 330_000, passedOver: 1200 },
      ...{ predictions: 165_000, rejected: 3, late: 12, examples: 160_000 },
      outcomes: done.replayed.outcomes,
      tiles: done.tiles,
      ...{ seconds: 90.5, eventsPerSecond: 13_200 },
    });
  });
});

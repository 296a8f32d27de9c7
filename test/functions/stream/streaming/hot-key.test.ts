import { describe, expect, it } from "vitest";
import { decodeBlock } from "../../../../functions/core/views/block-body.ts";
import { Stat, tileStats } from "../../../../functions/core/views/tile.ts";
import { logisticModel } from "../../../../scripts/onnx/example-models.ts";
import { seededRandom } from "../../../../scripts/onnx/random.ts";
import { packageOf } from "../set-up.ts";
import { openTroubledStage } from "./troubled-stage.ts";

const eventCount = 12_000;
const startMs = Date.UTC(2026, 0, 1);

const visits = packageOf(logisticModel({ featureCount: 1 }), {
  name: "visits",
  event: { id: "id", time: "at" },
  predictOn: { type: "ask" },
  features: { visits_1h: { view: "visits", agg: "count", over: "1h" } },
  views: { visits: { on: { type: "visit" }, key: "airport", time: "at", tile: "1m", lateness: "1h" } },
  outputs: { score: { from: "score", index: 0 } },
});

describe("a key with a third of all traffic, over eight shards", () => {
  it("loses no count, and no shard waits for another", async () => {
    const stage = await openTroubledStage(visits, {
      seed: 3,
      shardCount: 8,
      trouble: { redelivered: 0.05, killed: 0.02, throttled: 0.02 },
    });
    const random = seededRandom(4);
    const put = new Map<string, number>();
    for (let i = 0; i < eventCount; i++) {
      const airport = random.uniform() < 1 / 3 ? "ORD" : `airport-${random.integer(300)}`;
      put.set(airport, (put.get(airport) ?? 0) + 1);
      const arrivalMs = startMs + i * 100;
      const data = { type: "visit", airport, at: new Date(arrivalMs).toISOString() };
      stage.stream.put({ partitionKey: `visitor-${random.integer(1000)}`, data, arrivalMs });
    }
    await stage.stream.drain();

    const counted = new Map<string, number>();
    for (const { partitionKey, parts } of stage.tiles.items) {
      const [, kind, , , airport] = partitionKey.split("#");
      if (kind !== "view") continue;
      for (const { body } of parts.values()) {
        const { stats } = decodeBlock(body);
        for (let at = tileStats; at < stats.length; at += tileStats)
          counted.set(airport!, (counted.get(airport!) ?? 0) + stats[at + Stat.count]!);
      }
    }
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(put));
    // Each shard owns its part of the item, so what failed was throttled, and nothing was refused for another's sake.
    expect(stage.stream.counts.failed).toBeGreaterThan(0);
    expect(stage.conflicts()).toBe(0);
  });
});

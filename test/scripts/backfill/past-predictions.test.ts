import { describe, expect, it } from "vitest";
import type { PredictionBatch } from "../../../functions/core/prediction/prediction-batch.ts";
import { createPastPredictions } from "../../../scripts/backfill/past-predictions.ts";

const [keepSeconds, graceSeconds] = [100, 10];

/** A batch of predictions of events at these seconds. */
function batchOf(events: Readonly<Record<string, number>>, prefix = "p"): PredictionBatch {
  const ids = Object.keys(events);
  return {
    ...{ count: ids.length, model: "m", role: "backfill" },
    predictionIds: ids.map((id) => `${prefix}-${id}`),
    eventIds: ids,
    entities: ids,
    bodies: ids.map((id) => `{"body":"${prefix}-${id}"}`),
    features: ids.map((_, i) => Uint8Array.of(i, i + 100)),
    expiresAt: Object.values(events).map((seconds) => seconds + keepSeconds),
  };
}

const open = () => createPastPredictions({ keepSeconds, graceSeconds });
const outcome = (by: string) => ({ by, label: "1", timeMs: 0 });
const nameOf = (id: string) => ({ model: "m", eventId: id, role: "backfill", predictionId: `p-${id}` });

describe("createPastPredictions", () => {
  it("finds what was put, each with its own row of features", async () => {
    const store = open();
    await store.put(batchOf({ a: 0, b: 1 }));
    await store.put(batchOf({ b: 2 }, "later"));
    const [a, b, none] = await store.find("m", ["a", "b", "c"]);
    expect(a).toMatchObject([
      { eventId: "a", predictionId: "p-a", body: '{"body":"p-a"}', outcome: undefined },
    ]);
    const rows = b === "failed" ? [] : b!.map(({ predictionId, features }) => [predictionId, ...features]);
    expect(rows).toEqual([
      ["later-b", 0, 100],
      ["p-b", 1, 101],
    ]);
    expect(none).toEqual([]);
  });

  it("keeps the prediction that was put first", async () => {
    const store = open();
    expect((await store.put(batchOf({ a: 0 }))).existing).toEqual(new Map());
    const again = { ...batchOf({ a: 0, b: 0 }), bodies: ["other", "new"] };
    expect((await store.put(again)).existing).toEqual(new Map([[0, '{"body":"p-a"}']]));
  });

  it("gives a prediction one outcome: the first, known again by the event that said so", async () => {
    const store = open();
    await store.put(batchOf({ a: 0 }));
    expect(
      await store.write([
        { ...nameOf("a"), outcome: outcome("first") },
        { ...nameOf("a"), outcome: outcome("second") },
        { ...nameOf("a"), outcome: outcome("first") },
        { ...nameOf("gone"), outcome: outcome("first") },
      ]),
    ).toEqual(["written", outcome("first"), "written", "failed"]);
  });

  it("forgets predictions whose outcome counts no more, with some grace, and no others", async () => {
    const store = open();
    await store.put(batchOf({ old: 0 }));
    await store.put(batchOf({ at: 110 }));
    expect(await store.find("m", ["old"])).toMatchObject([[{ eventId: "old" }]]);
    await store.put(batchOf({ over: 111 }));
    expect(await store.find("m", ["old", "at"])).toMatchObject([[], [{ eventId: "at" }]]);
  });

  it("holds as many over a long time as there are in one span of time", async () => {
    const store = open();
    let most = 0;
    for (let second = 0; second < 100_000; second += 20) {
      await store.put(batchOf({ [`a${second}`]: second, [`b${second}`]: second + 5 }));
      most = Math.max(most, store.keptCount);
    }
    expect(most).toBeLessThanOrEqual((2 * (keepSeconds + graceSeconds)) / 20 + 4);
  });
});

import { describe, expect, it } from "vitest";
import { createPredictionNamer } from "../../../functions/core/prediction/prediction-id.ts";
import { ask, setUp, tablePackage } from "./set-up.ts";

const champion = [0.125, 0.25, 0.5, 1];
const halves = champion.map((score) => score / 2);
const events = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ask(`e${from + i}`, (from + i) % 4));
const atMs = Date.parse("2001-01-31T06:44:00Z");

/** No result cache, so that every row is run. */
const uncached = { cache: { memoryBytes: 0 } };

async function setUpShadow(sample: number, files = tablePackage(uncached, halves)) {
  // Deliveries arrive at this instant and a second more for each record: the function sees them at once.
  const clock = { nowMs: 1_700_000_001_000 };
  const stage = await setUp(tablePackage(uncached, champion), { now: () => clock.nowMs });
  const shadow = await stage.publish(files, (digest) => ({
    champion: { digest: stage.digest! },
    shadow: { digest, sample },
  }));
  const scored = () => stage.store.rows.filter(({ role }) => role === "shadow");
  return { ...stage, shadow, scored, clock };
}

describe("a shadow on the stream", () => {
  it("scores what the champion answered, apart: consumers see nothing of it", async () => {
    const { deliver, emitted, scored, shadow, metrics } = await setUpShadow(1);
    expect(await deliver(events(300))).toEqual([]);
    expect(emitted().every(({ role }) => role === "champion")).toBe(true);
    expect(emitted()).toHaveLength(300);
    const namer = createPredictionNamer("table", "shadow");
    const rows = scored();
    expect(rows.length).toBe(300);
    rows.forEach(({ body, predictionId, features }, i) => {
      expect(JSON.parse(body)).toMatchObject({
        ...{ role: "shadow", digest: shadow, eventId: `e${i}` },
        outputs: { score: halves[i % 4] },
      });
      expect([predictionId, features.length]).toEqual([namer.ofEvent(`e${i}`, atMs), 0]);
    });
    expect(metrics.sum("ShadowScored")).toBe(300);
  });

  it("takes its sample, the same in every delivery", async () => {
    const { deliver, scored } = await setUpShadow(0.25);
    expect(await deliver(events(2000))).toEqual([]);
    const first = scored().length;
    expect(Math.abs(first / 2000 - 0.25)).toBeLessThan(0.06);
    expect(await deliver(events(2000))).toEqual([]);
    expect(scored()).toHaveLength(first);
  });

  it("lets few events wait for others, and scores them together", async () => {
    const { deliver, scored, runs } = await setUpShadow(1);
    for (let i = 0; i < 6; i++) expect(await deliver(events(50, i * 50), i * 50)).toEqual([]);
    // Six runs of the champion, one of the shadow, once 256 rows had come together.
    expect(runs).toEqual([50, 50, 50, 50, 50, 50, 300]);
    expect(scored()).toHaveLength(300);
  });

  it("is dropped while the stream is behind", async () => {
    const { deliver, scored, clock, metrics } = await setUpShadow(1);
    clock.nowMs += 60_000;
    expect(await deliver(events(300))).toEqual([]);
    expect([scored().length, metrics.sum("ShadowDropped")]).toEqual([0, 300]);
    clock.nowMs -= 60_000;
    expect(await deliver(events(300, 300), 300)).toEqual([]);
    expect(scored()).toHaveLength(300);
  });

  it("that fails costs nobody anything, and is not asked again for a while", async () => {
    const { deliver, emitted, scored, metrics, counts } = await setUpShadow(1, tablePackage({}, [0.5]));
    expect(await deliver(events(300))).toEqual([]);
    expect(await deliver(events(300, 300), 300)).toEqual([]);
    expect([emitted().length, counts().retried]).toEqual([600, 0]);
    expect(scored().length).toBeLessThan(100);
    expect(metrics.sum("ShadowDropped")).toBeGreaterThan(300);
  });

  it("with features of its own is scored by them", async () => {
    const own = { features: { other: { from: "other", default: 0 }, place: { from: "place" } } };
    const { deliver, scored } = await setUpShadow(1, tablePackage(own, halves));
    const asked = Array.from({ length: 300 }, (_, i) => ask(`e${i}`, 0, { other: i % 4 }));
    expect(await deliver(asked)).toEqual([]);
    expect(scored().map(({ body }) => JSON.parse(body).outputs.score)).toEqual(
      asked.map((_, i) => halves[i % 4]),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import type { ShadowBatch } from "../../../functions/contract/shadow.ts";
import type { SketchedRows } from "../../../functions/core/monitor/sketch-recorder.ts";
import type { ShadowDeps } from "../../../functions/shadow/deps.ts";
import { createShadowScorer } from "../../../functions/shadow/score-served-rows.ts";
import { setUp, tablePackage } from "../stream/set-up.ts";

async function shadow(overrides: Partial<ShadowDeps> = {}, json: object = {}) {
  const stage = await setUp(tablePackage(json));
  const deps = { ...stage.deps, loader: stage.loader, ...overrides };
  const rows = (places: readonly number[]) =>
    Buffer.from(Float32Array.from(places.flatMap((place) => [place, 0])).buffer).toString("base64");
  const batchOf = (places: readonly number[], more: Partial<ShadowBatch> = {}): ShadowBatch => ({
    digest: stage.digest!,
    requestId: "request-1",
    arrivalMs: Date.UTC(2026, 0, 1),
    events: places.map((_, position) => ({ position, id: `e${position}`, timeMs: 981_000_000_000 })),
    rows: rows(places),
    ...more,
  });
  return { ...stage, score: createShadowScorer(deps), batchOf };
}

describe("scoring served rows", () => {
  it("runs as many at once as the version takes, in order", async () => {
    const { score, batchOf, store, runs } = await shadow(
      {},
      { limits: { chunkRows: 4 }, cache: { memoryBytes: 0 } },
    );
    const places = [0, 1, 2, 3, 3, 2, 1, 0, 1];
    await score(batchOf(places));
    expect(store.rows.map(({ body }) => JSON.parse(body).outputs.score)).toEqual(
      places.map((place) => [0.125, 0.25, 0.5, 1][place]),
    );
    expect(runs).toEqual([4, 4, 1]);
  });

  it("stores nothing twice where it is invoked twice with the same rows", async () => {
    const { score, batchOf, store } = await shadow();
    for (let i = 0; i < 2; i++) await score(batchOf([0, 1]));
    expect(store.rows).toHaveLength(2);
  });

  it("tells the sketches whose rows they are and when they happened", async () => {
    const told: SketchedRows[] = [];
    let flushes = 0;
    const { score, batchOf } = await shadow({
      sketches: () => ({
        add(rows) {
          told.push(rows);
          return () => undefined;
        },
        flush: async () => void flushes++,
      }),
    });
    await score(batchOf([0, 1]));
    await score(batchOf([2]));
    expect(told.map(({ role, count, timesMs }) => ({ role, count, timesMs }))).toEqual([
      { role: "shadow", count: 2, timesMs: [981_000_000_000, 981_000_000_000] },
      { role: "shadow", count: 1, timesMs: [981_000_000_000] },
    ]);
    const marks = told.flatMap((each) => Array.from({ length: each.count }, (_, row) => each.marks.at(row)));
    expect(marks).toEqual([...marks].sort());
    expect(new Set(marks).size).toBe(3);
    expect(flushes).toBe(2);
  });

  it("drops and counts what it cannot score: another layout, a version that is not there", async () => {
    const { score, batchOf, store, metrics, logger } = await shadow();
    await score(batchOf([0, 1], { rows: Buffer.alloc(12).toString("base64") }));
    await score(batchOf([0, 1, 2], { digest: "0".repeat(64) }));
    expect(store.rows).toHaveLength(0);
    expect([metrics.sum("ShadowScored"), metrics.sum("ShadowDropped")]).toEqual([0, 5]);
    expect(logger.lines.filter(({ level }) => level === "warn").length).toBeGreaterThanOrEqual(2);
  });

  it("drops and counts what could not be stored", async () => {
    const store = new MemoryPredictionStore();
    const failing = { put: async () => ({ existing: new Map(), failed: [1] }) };
    const { score, batchOf, metrics } = await shadow({ store: failing });
    await score(batchOf([0, 1, 2]));
    expect([metrics.sum("ShadowScored"), metrics.sum("ShadowDropped"), store.rows.length]).toEqual([2, 1, 0]);
  });

  it("never throws, whatever it is invoked with", async () => {
    const { score, batchOf, store } = await shadow();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.jsonValue(), fc.record({ rows: fc.base64String(), requestId: fc.string() })),
        async (event) => {
          await score(event);
          await score({ ...batchOf([0]), ...(event as object) });
        },
      ),
      { numRuns: 50 },
    );
    expect(store.rows.length).toBeLessThanOrEqual(50);
  });
});

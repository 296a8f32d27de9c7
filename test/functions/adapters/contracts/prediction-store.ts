import { describe, expect, it } from "vitest";
import type { PredictionStore } from "../../../../functions/core/prediction/prediction-store.ts";
import { predictionBatch } from "./prediction-batch.ts";

export interface PredictionRow {
  readonly body: string;
  readonly features: Uint8Array;
  readonly expiresAt: number;
}

export interface PredictionStoreUnderTest {
  readonly store: PredictionStore;
  /** Everything stored, in any order. */
  rows(): Promise<readonly PredictionRow[]>;
}

/** What every `PredictionStore` does. @param make - an empty one, for one test. */
export function describePredictionStore(name: string, make: () => Promise<PredictionStoreUnderTest>): void {
  describe(`${name} as a prediction store`, () => {
    it("stores nothing of an empty batch", async () => {
      const { store, rows } = await make();
      expect(await store.put(predictionBatch(0))).toEqual({ existing: new Map(), failed: [] });
      expect(await rows()).toEqual([]);
    });

    it("stores every row with its own features and expiry", async () => {
      const { store, rows } = await make();
      expect(await store.put(predictionBatch(70))).toEqual({ existing: new Map(), failed: [] });
      expect(sorted(await rows())).toEqual(
        sorted(
          Array.from({ length: 70 }, (_, row) => ({
            body: `{"predictionId":"prediction-${row}","outputs":{"p":${row}}}`,
            features: Uint8Array.of(row, 0, 255),
            expiresAt: 1_800_000_000 + row,
          })),
        ),
      );
    });

    it("keeps what an earlier delivery wrote, and says what that was", async () => {
      const { store, rows } = await make();
      await store.put(predictionBatch(3));
      const again = predictionBatch(3, { from: 1, bodies: ["other 1", "other 2", "new 3"] });
      const result = await store.put(again);
      expect(result.failed).toEqual([]);
      expect(result.existing).toEqual(
        new Map([
          [0, '{"predictionId":"prediction-1","outputs":{"p":1}}'],
          [1, '{"predictionId":"prediction-2","outputs":{"p":2}}'],
        ]),
      );
      expect((await rows()).map((row) => row.body)).not.toContain("other 1");
      expect(await rows()).toHaveLength(4);
    });

    it("writes a prediction that stands twice in one batch once, and both rows learn which", async () => {
      const { store, rows } = await make();
      const result = await store.put(
        predictionBatch(2, { predictionIds: ["p", "p"], eventIds: ["e", "e"], bodies: ["a", "b"] }),
      );
      const stored = (await rows()).map((row) => row.body);
      expect(stored).toHaveLength(1);
      expect([...result.existing.values()]).toEqual(stored);
      expect(result.failed).toEqual([]);
    });

    it("tells roles of one event apart", async () => {
      const { store, rows } = await make();
      await store.put(predictionBatch(1));
      await store.put(predictionBatch(1, { role: "shadow", predictionIds: ["another"] }));
      expect(await rows()).toHaveLength(2);
    });

    it("takes ids of any length and script", async () => {
      const { store, rows } = await make();
      const batch = predictionBatch(3, {
        eventIds: ["é".repeat(5_000), `${"é".repeat(4_999)}e`, "飛行機#1"],
      });
      expect((await store.put(batch)).failed).toEqual([]);
      expect((await store.put(batch)).existing.size).toBe(3);
      expect(await rows()).toHaveLength(3);
    });
  });
}

function sorted(rows: readonly PredictionRow[]): readonly PredictionRow[] {
  return rows
    .map(({ body, features, expiresAt }) => ({ body, features: Uint8Array.from(features), expiresAt }))
    .sort((a, b) => a.expiresAt - b.expiresAt);
}

import { expect, it } from "vitest";
import { MemoryPredictionStore } from "../../../../functions/adapters/memory/memory-prediction-store.ts";
import { predictionBatch } from "../contracts/prediction-batch.ts";
import { describePredictionStore } from "../contracts/prediction-store.ts";

describePredictionStore("MemoryPredictionStore", async () => {
  const store = new MemoryPredictionStore();
  return { store, rows: async () => store.rows };
});

it("copies the features, since the hot path reuses their buffer", async () => {
  const store = new MemoryPredictionStore();
  const batch = predictionBatch(1);
  await store.put(batch);
  batch.features[0]!.fill(0);
  expect(store.rows[0]?.features).toEqual(Uint8Array.of(0, 0, 255));
});

import type { PredictionBatch } from "../../core/prediction/prediction-batch.ts";
import type { PredictionStore, StoreResult } from "../../core/prediction/prediction-store.ts";

/** One stored prediction, as the table holds it. */
export interface StoredPrediction {
  readonly model: string;
  readonly role: string;
  readonly eventId: string;
  readonly predictionId: string;
  readonly body: string;
  readonly features: Uint8Array;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Stored predictions in a map. Like the table it keeps expired rows: expiry only says what may be forgotten. */
export class MemoryPredictionStore implements PredictionStore {
  readonly #rows = new Map<string, StoredPrediction>();

  /** Every stored prediction, in the order of writing. */
  get rows(): readonly StoredPrediction[] {
    return [...this.#rows.values()];
  }

  async put(batch: PredictionBatch): Promise<StoreResult> {
    const existing = new Map<number, string>();
    for (let row = 0; row < batch.count; row++) {
      const stored = storedPrediction(batch, row);
      const key = JSON.stringify([stored.model, stored.eventId, stored.role, stored.predictionId]);
      const earlier = this.#rows.get(key);
      if (earlier === undefined) this.#rows.set(key, stored);
      else existing.set(row, earlier.body);
    }
    return { existing, failed: [] };
  }
}

function storedPrediction(batch: PredictionBatch, row: number): StoredPrediction {
  return {
    model: batch.model,
    role: batch.role,
    eventId: batch.eventIds[row]!,
    predictionId: batch.predictionIds[row]!,
    body: batch.bodies[row]!,
    features: batch.features.slice(row * batch.featureBytes, (row + 1) * batch.featureBytes),
    expiresAt: batch.expiresAt[row]!,
  };
}

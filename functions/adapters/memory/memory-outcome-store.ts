import type {
  OutcomeResult,
  OutcomeStore,
  OutcomeWrite,
  StoredPrediction,
} from "../../core/outcome/outcome-store.ts";
import { compareUtf8 } from "../../core/state/utf8-order.ts";
import type { MemoryPredictionStore, PredictionRow } from "./memory-prediction-store.ts";

/** Outcomes of the predictions that a `MemoryPredictionStore` holds, kept with them. */
export class MemoryOutcomeStore implements OutcomeStore {
  readonly #predictions: MemoryPredictionStore;

  constructor(predictions: MemoryPredictionStore) {
    this.#predictions = predictions;
  }

  async find(model: string, eventIds: readonly string[]): Promise<readonly (readonly StoredPrediction[])[]> {
    return eventIds.map((eventId) =>
      this.#predictions
        .rowsOf(model, eventId)
        .map(toStoredPrediction)
        .sort((a, b) => compareUtf8(`${a.role}#${a.predictionId}`, `${b.role}#${b.predictionId}`)),
    );
  }

  async write(writes: readonly OutcomeWrite[]): Promise<readonly OutcomeResult[]> {
    return writes.map(({ outcome, ...name }) => {
      const standing = this.#predictions.setOutcome(name, outcome)?.outcome;
      if (standing === undefined) return "failed";
      return standing.by === outcome.by ? "written" : { ...standing };
    });
  }
}

/** With a copy of the features, as it would come over the wire. */
function toStoredPrediction({ features, ...row }: PredictionRow): StoredPrediction {
  const { eventId, role, predictionId, body, rival, outcome } = row;
  return { eventId, role, predictionId, body, features: features.slice(), rival, outcome };
}

import type {
  OutcomeStore,
  StandingOutcome,
  StoredPrediction,
} from "../../functions/core/outcome/outcome-store.ts";
import type { PredictionStore } from "../../functions/core/prediction/prediction-store.ts";

interface Kept extends StoredPrediction {
  outcome: StandingOutcome | undefined;
  /** Epoch seconds of event time. */
  readonly expiresAt: number;
}

/** Predictions of the past and their outcomes, in memory while an outcome may still count. */
export interface PastPredictions extends PredictionStore, OutcomeStore {
  readonly keptCount: number;
}

/**
 * Time is that of the events: what has expired at the time of the newest that was predicted on is forgotten.
 *
 * Expects predictions to expire `keepSeconds` after their events, whenever they are made.
 *
 * @param graceSeconds - by how much the newest event's time may be wrong.
 */
export function createPastPredictions({
  keepSeconds,
  graceSeconds,
}: {
  readonly keepSeconds: number;
  readonly graceSeconds: number;
}): PastPredictions {
  /** In the order of their first predictions, which is about that of their time. */
  const byEvent = new Map<string, Kept[]>();
  let newestExpiresAt = Number.NEGATIVE_INFINITY;

  return {
    get keptCount() {
      return byEvent.size;
    },
    async put(batch) {
      const existing = new Map<number, string>();
      for (let i = 0; i < batch.count; i++) {
        const expiresAt = batch.expiresAt[i]!;
        if (expiresAt > newestExpiresAt) newestExpiresAt = expiresAt;
        if (isOver(expiresAt)) continue;
        const eventId = batch.eventIds[i]!;
        const predictionId = batch.predictionIds[i]!;
        const ofEvent = byEvent.get(eventId);
        const earlier = ofEvent?.find((each) => each.predictionId === predictionId);
        if (earlier !== undefined) {
          existing.set(i, earlier.body);
          continue;
        }
        const kept: Kept = {
          ...{ eventId, predictionId, expiresAt },
          role: batch.role,
          body: batch.bodies[i]!,
          features: batch.features[i]!,
          rival: batch.rivals?.[i],
          outcome: undefined,
        };
        if (ofEvent === undefined) byEvent.set(eventId, [kept]);
        else ofEvent.push(kept);
      }
      forget();
      return { existing, failed: [] };
    },
    find: async (_, eventIds) => eventIds.map((eventId) => byEvent.get(eventId)?.toSorted(byId) ?? []),
    write: async (writes) =>
      writes.map(({ eventId, predictionId, outcome }) => {
        const kept = byEvent.get(eventId)?.find((each) => each.predictionId === predictionId);
        if (kept === undefined) return "failed";
        kept.outcome ??= outcome;
        return kept.outcome.by === outcome.by ? "written" : kept.outcome;
      }),
  };

  function forget(): void {
    for (const [eventId, kept] of byEvent) {
      if (!kept.every(({ expiresAt }) => isOver(expiresAt))) return;
      byEvent.delete(eventId);
    }
  }

  function isOver(expiresAt: number): boolean {
    return expiresAt + graceSeconds < newestExpiresAt - keepSeconds;
  }
}

function byId(a: Kept, b: Kept): number {
  return a.predictionId < b.predictionId ? -1 : 1;
}

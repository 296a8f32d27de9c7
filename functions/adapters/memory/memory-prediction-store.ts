import type { PredictionName, StandingOutcome } from "../../core/outcome/outcome-store.ts";
import type { PredictionBatch } from "../../core/prediction/prediction-batch.ts";
import type { PredictionStore, StoreResult } from "../../core/prediction/prediction-store.ts";

/** One row of the table of predictions. */
export interface PredictionRow extends PredictionName {
  readonly body: string;
  readonly features: Uint8Array;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** As `PredictionBatch.rivals` had it. */
  readonly rival: string | undefined;
  /** What `MemoryOutcomeStore` wrote. */
  readonly outcome: StandingOutcome | undefined;
}

/** Stored predictions in maps. Like the table it keeps expired rows: expiry only says what may be forgotten. */
export class MemoryPredictionStore implements PredictionStore {
  readonly #rows = new Map<string, PredictionRow>();
  readonly #keysOfEvent = new Map<string, string[]>();

  /** Every stored prediction, in the order of writing. */
  get rows(): readonly PredictionRow[] {
    return [...this.#rows.values()];
  }

  async put(batch: PredictionBatch): Promise<StoreResult> {
    const existing = new Map<number, string>();
    for (let i = 0; i < batch.count; i++) {
      const row = rowOf(batch, i);
      const earlier = this.#rows.get(keyOf(row));
      if (earlier === undefined) this.#add(row);
      else existing.set(i, earlier.body);
    }
    return { existing, failed: [] };
  }

  /** All rows of one event, in the order of writing. */
  rowsOf(model: string, eventId: string): readonly PredictionRow[] {
    const keys = this.#keysOfEvent.get(eventKeyOf({ model, eventId })) ?? [];
    return keys.map((key) => this.#rows.get(key)!);
  }

  /** Give a row its outcome where it has none. @returns the row as it then stands; undefined where there is none. */
  setOutcome(name: PredictionName, outcome: StandingOutcome): PredictionRow | undefined {
    const key = keyOf(name);
    const row = this.#rows.get(key);
    if (row === undefined || row.outcome !== undefined) return row;
    const joined = { ...row, outcome: { ...outcome } };
    this.#rows.set(key, joined);
    return joined;
  }

  #add(row: PredictionRow): void {
    const key = keyOf(row);
    this.#rows.set(key, row);
    const eventKey = eventKeyOf(row);
    const keys = this.#keysOfEvent.get(eventKey);
    if (keys === undefined) this.#keysOfEvent.set(eventKey, [key]);
    else keys.push(key);
  }
}

function rowOf(batch: PredictionBatch, i: number): PredictionRow {
  return {
    model: batch.model,
    role: batch.role,
    eventId: batch.eventIds[i]!,
    predictionId: batch.predictionIds[i]!,
    body: batch.bodies[i]!,
    features: batch.features[i]!.slice(),
    expiresAt: batch.expiresAt[i]!,
    rival: batch.rivals?.[i],
    outcome: undefined,
  };
}

function keyOf({ model, eventId, role, predictionId }: PredictionName): string {
  return JSON.stringify([model, eventId, role, predictionId]);
}

function eventKeyOf({ model, eventId }: Pick<PredictionName, "model" | "eventId">): string {
  return JSON.stringify([model, eventId]);
}

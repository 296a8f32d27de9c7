/**
 * Predictions of one chunk, column by column: row `i` of every column is one prediction.
 *
 * Columns rather than objects keep the hot path free of one allocation per field per event.
 */
export interface PredictionBatch {
  readonly count: number;
  readonly model: string;
  readonly role: string;
  /** Deterministic ids. */
  readonly predictionIds: readonly string[];
  /** The events' own ids, or their places where they have none. */
  readonly eventIds: readonly string[];
  /** What routes and keys a prediction: the entity, or the event's id. */
  readonly entities: readonly string[];
  /** The predictions as consumers read them: the JSON text of `contract/prediction.ts`. */
  readonly bodies: readonly string[];
  /** The encoded feature rows that were served, `featureBytes` each, little-endian, in tensor order. */
  readonly features: Uint8Array;
  readonly featureBytes: number;
  /** When the stored row may be forgotten, epoch seconds. */
  readonly expiresAt: readonly number[];
}

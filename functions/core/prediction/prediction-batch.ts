/**
 * Predictions of one chunk, column by column: row `i` of every column is one prediction.
 *
 * Columns rather than objects keep the hot path free of one allocation per field per event.
 */
export interface PredictionBatch {
  readonly count: number;
  readonly model: string;
  /**
   * What the rows compete for: `champion` for the one answer to an event, whoever gives it (a body's own `role` says
   * who did), else the role they are made under.
   */
  readonly role: string;
  /** Deterministic ids. */
  readonly predictionIds: readonly string[];
  /** The events' own ids, or their places where they have none. */
  readonly eventIds: readonly string[];
  /** What routes and keys a prediction: the entity, or the event's id. */
  readonly entities: readonly string[];
  /** The predictions as consumers read them: the JSON text of `contract/prediction.ts`. */
  readonly bodies: readonly string[];
  /** The encoded feature rows that were served, little-endian, in tensor order; of no bytes where none is kept. */
  readonly features: readonly Uint8Array[];
  /** When the stored row may be forgotten, epoch seconds. */
  readonly expiresAt: readonly number[];
  /** What another version said of the same events, as the JSON text of `contract/rival.ts`; absent where none did. */
  readonly rivals?: readonly (string | undefined)[];
}

/** The predictions in the given rows, ascending, as a batch of their own. */
export function selectRows(batch: PredictionBatch, rows: readonly number[]): PredictionBatch {
  const pick = <Value>(column: readonly Value[]) => rows.map((row) => column[row]!);
  return {
    ...batch,
    count: rows.length,
    predictionIds: pick(batch.predictionIds),
    eventIds: pick(batch.eventIds),
    entities: pick(batch.entities),
    bodies: pick(batch.bodies),
    features: pick(batch.features),
    expiresAt: pick(batch.expiresAt),
    ...(batch.rivals && { rivals: pick(batch.rivals) }),
  };
}

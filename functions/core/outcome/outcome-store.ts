/** What tells a stored prediction from all others. */
export interface PredictionName {
  readonly model: string;
  readonly eventId: string;
  readonly role: string;
  readonly predictionId: string;
}

/** The outcome that a prediction has. */
export interface StandingOutcome {
  /** Names the event that said so, the same in every delivery of it. */
  readonly by: string;
  /** JSON text. */
  readonly label: string;
  /** When it came true, epoch milliseconds. */
  readonly timeMs: number;
}

/** A prediction as it was stored, to be joined with its outcome. */
export interface StoredPrediction extends Omit<PredictionName, "model"> {
  /** `contract/prediction.ts` as JSON text. */
  readonly body: string;
  /** The encoded row that was served; empty where none was kept. */
  readonly features: Uint8Array;
  /** What another version said of the same event, as the JSON text of `contract/rival.ts`; undefined where none did. */
  readonly rival?: string | undefined;
  /** Undefined while none was written. */
  readonly outcome: StandingOutcome | undefined;
}

/** The outcome of one prediction, to be written where it has none yet. */
export interface OutcomeWrite extends PredictionName {
  readonly outcome: StandingOutcome;
}

/**
 * `written`: it stands, by this call or by an earlier one of the same event. `failed`: it does not, after bounded
 * retries, or because the prediction is not there any more. Else the outcome of another event, which stands.
 */
export type OutcomeResult = "written" | "failed" | StandingOutcome;

/** Outcomes, kept with the predictions they are of. */
export interface OutcomeStore {
  /**
   * Find all predictions of events, of every role, read consistently.
   *
   * @returns per event id, in the order given, its predictions in ascending order of role and prediction id, none where
   *   there are none; `failed` where they cannot be read after bounded retries.
   */
  find(
    model: string,
    eventIds: readonly string[],
  ): Promise<readonly (readonly StoredPrediction[] | "failed")[]>;
  /**
   * Write each outcome on condition that its prediction stands and has none; never throws for single ones. Of several
   * for one prediction the first in the list is the first to be tried, and where it fails so do the others.
   *
   * @returns how each fared, in the order given.
   */
  write(writes: readonly OutcomeWrite[]): Promise<readonly OutcomeResult[]>;
}

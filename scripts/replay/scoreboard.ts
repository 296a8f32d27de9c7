import { type Prediction, prediction as predictionSchema } from "../../functions/contract/prediction.ts";
import { type Flight, flightId } from "../flights/flight.ts";

/** What came of one flight. Times are epoch milliseconds with fractions, by this machine's clock. */
export interface ScoredFlight {
  readonly flight: Flight;
  /** When the PutRecords call that carried its event first went out. */
  readonly sentAtMs: number;
  /** When its first prediction was read back from the `predictions` stream. */
  readonly seenAtMs: number;
  readonly prediction: Prediction;
}

/** Matches predictions to the flights they are for. */
export interface Scoreboard {
  readonly sentCount: number;
  /** Flights with a prediction. */
  readonly scoredCount: number;
  /** Predictions that were there already: redelivery is at least once, and consumers tell by `predictionId`. */
  readonly duplicateCount: number;
  /** `performance.now()` of the last prediction that told something new; that of its making before the first. */
  readonly lastScoredAt: number;
  readonly scored: readonly ScoredFlight[];
  /** Flights that were sent and have no prediction, in the order they were sent. */
  missing(): readonly Flight[];
  sent(flight: Flight, sentAtMs: number): void;
  /**
   * Take one record of the `predictions` stream; what is for none of these flights is passed over.
   *
   * @throws {Error} when it is no prediction.
   */
  take(data: Uint8Array): void;
}

/** @param model - predictions of other models are passed over. */
export function createScoreboard(model: string): Scoreboard {
  const sent = new Map<string, { flight: Flight; sentAtMs: number; seen: boolean }>();
  const scored: ScoredFlight[] = [];
  let duplicateCount = 0;
  let lastScoredAt = performance.now();
  return {
    get sentCount() {
      return sent.size;
    },
    get scoredCount() {
      return scored.length;
    },
    get duplicateCount() {
      return duplicateCount;
    },
    get lastScoredAt() {
      return lastScoredAt;
    },
    scored,
    missing: () => [...sent.values()].filter(({ seen }) => !seen).map(({ flight }) => flight),
    sent(flight, sentAtMs) {
      sent.set(flightId(flight), { flight, sentAtMs, seen: false });
    },
    take(data) {
      const prediction = parsePrediction(data);
      const entry = prediction.model === model ? sent.get(prediction.eventId) : undefined;
      if (entry === undefined) return;
      if (entry.seen) {
        duplicateCount += 1;
        return;
      }
      entry.seen = true;
      const now = performance.now();
      lastScoredAt = now;
      const seenAtMs = performance.timeOrigin + now;
      scored.push({ flight: entry.flight, sentAtMs: entry.sentAtMs, seenAtMs, prediction });
    },
  };
}

/** Read one record of the `predictions` stream. */
export function parsePrediction(data: Uint8Array): Prediction {
  const text = new TextDecoder().decode(data);
  try {
    return predictionSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`predictions stream: got ${text.slice(0, 200)}, expected a prediction`, { cause });
  }
}

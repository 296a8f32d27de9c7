import { departureEvent } from "../flights/departure-event.ts";
import { isLate } from "../flights/flight.ts";
import type { ScoredFlight } from "../replay/scoreboard.ts";

export interface Score {
  /** Of being late, 0 to 1. */
  readonly probability: number;
  /** What really happened. */
  readonly late: boolean;
}

/**
 * A flight's predicted probability beside the truth.
 *
 * @throws {Error} when the model has no output `probability` that is a number.
 */
export function scoreOf({ flight, prediction }: Pick<ScoredFlight, "flight" | "prediction">): Score {
  const { probability } = prediction.outputs;
  if (typeof probability === "number") return { probability, late: isLate(flight) };
  throw new Error(
    `prediction of flight ${prediction.eventId}: got probability ${JSON.stringify(probability)}, expected a number; replay is for the model flight-delay`,
  );
}

/** From the sending of the PutRecords call to the prediction being read back. */
export function latencyMs({ sentAtMs, seenAtMs }: Pick<ScoredFlight, "sentAtMs" | "seenAtMs">): number {
  return seenAtMs - sentAtMs;
}

/** One line of `--out`: the event, its prediction and the truth, so that everything can be computed again elsewhere. */
export function outputLine(scored: ScoredFlight): string {
  const { type: _, ...event } = departureEvent(scored.flight);
  const { predictionId, digest, role, outputs } = scored.prediction;
  return JSON.stringify({
    ...event,
    ...outputs,
    late: isLate(scored.flight),
    delayMinutes: scored.flight.delayMinutes,
    latencyMs: Number(latencyMs(scored).toFixed(3)),
    predictionId,
    digest,
    role,
  });
}

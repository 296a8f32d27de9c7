import type { ScoredFlight } from "../../../scripts/replay/scoreboard.ts";

interface Given {
  readonly row: number;
  readonly probability: number;
  readonly delayMinutes: number;
  readonly sentAtMs?: number;
  readonly latencyMs?: number;
}

/** A flight with its prediction; what a test does not name is the same for all. */
export function scoredFlight({
  row,
  probability,
  delayMinutes,
  sentAtMs = 0,
  latencyMs = 1,
}: Given): ScoredFlight {
  return {
    flight: {
      row,
      departsMs: Date.UTC(2001, 0, 31, 6, 44),
      origin: "ORD",
      destination: "MCO",
      distanceMiles: 1005,
      delayMinutes,
    },
    sentAtMs,
    seenAtMs: sentAtMs + latencyMs,
    prediction: {
      predictionId: `id-${row}`,
      model: "flight-delay",
      digest: "d".repeat(64),
      role: "champion",
      eventId: String(row).padStart(7, "0"),
      eventTime: "2001-01-31T06:44:00.000Z",
      outputs: { probability, label: probability < 0.5 ? "on time" : "late" },
    },
  } as ScoredFlight;
}

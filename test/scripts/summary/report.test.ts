import { describe, expect, it } from "vitest";
import type { PhaseResult, ReplayResult } from "../../../scripts/replay/replay.ts";
import { createReport } from "../../../scripts/summary/report.ts";
import { outputLine } from "../../../scripts/summary/score.ts";
import { scoredFlight } from "./scored-flight.ts";

const context = { model: "flight-delay", endpoint: "http://127.0.0.1:1", startedAtMs: 10_000, rejected: 0 };

/** Four flights: a warm-up of one, two paced, one at full speed that took half a second. */
function result(more: Partial<ReplayResult> = {}): ReplayResult {
  const warm = [
    scoredFlight({ row: 1, probability: 0.1, delayMinutes: 0, sentAtMs: 12_000, latencyMs: 2_000 }),
  ];
  const paced = [
    scoredFlight({ row: 2, probability: 0.4, delayMinutes: 15, sentAtMs: 15_000, latencyMs: 20 }),
    scoredFlight({ row: 3, probability: 0.35, delayMinutes: 16, sentAtMs: 15_005, latencyMs: 40 }),
  ];
  const full = [
    scoredFlight({ row: 4, probability: 0.8, delayMinutes: 90, sentAtMs: 16_000, latencyMs: 500 }),
  ];
  const phases: PhaseResult[] = [
    { name: "warm-up", eventCount: 1, timedCount: 1, scored: warm, seconds: 2 },
    { name: "paced", eventCount: 2, timedCount: 2, ratePerSecond: 200, scored: paced, seconds: 0.1 },
    { name: "full speed", eventCount: 1, timedCount: 1, scored: full, seconds: 0.5 },
  ];
  const scored = phases.flatMap((phase) => phase.scored);
  return { scored, missing: [], duplicateCount: 0, refusalCount: 0, phases, ...more };
}

describe("createReport", () => {
  it("takes the latency from the paced phase and the events per second from the last", () => {
    expect(createReport(result(), context)).toEqual({
      flights: 4,
      events: 4,
      historyEvents: 0,
      predictions: 4,
      rejected: 0,
      missing: 0,
      duplicates: 0,
      throttled: 0,
      seconds: 6.5,
      firstPredictionSeconds: 4,
      eventsPerSecond: 2,
      latencyMs: { p50: 20, p95: 40, p99: 40 },
      latencyAtEventsPerSecond: 200,
      // By hand: the late ones are 0.35 and 0.8, of four pairs three are in order.
      auc: 0.75,
      // By hand: −(ln 0.9 + ln 0.6 + ln 0.35 + ln 0.8) / 4.
      logLoss: 0.472288,
      rollingAuc: [0.75],
      outcomes: null,
      baseRate: 0.5,
      model: "flight-delay",
      digest: "d".repeat(64),
      endpoint: "http://127.0.0.1:1",
      apiUrl: null,
    });
  });

  it("counts what has neither a prediction nor a reject as missing", () => {
    const missing = [scoredFlight({ row: 5, probability: 0, delayMinutes: 0 }).flight];

    expect(createReport(result({ missing }), context)).toMatchObject({
      flights: 5,
      predictions: 4,
      missing: 1,
    });
    expect(createReport(result({ missing }), { ...context, rejected: 1 })).toMatchObject({
      rejected: 1,
      missing: 0,
    });
    expect(createReport(result({ missing }), { ...context, rejected: null })).toMatchObject({
      rejected: null,
      missing: 1,
    });
  });

  it("of a run without any prediction has null for every number that cannot be told", () => {
    const nothing = result({
      scored: [],
      missing: [scoredFlight({ row: 5, probability: 0, delayMinutes: 0 }).flight],
      phases: [{ name: "warm-up", eventCount: 1, timedCount: 1, scored: [], seconds: 0 }],
    });

    expect(createReport(nothing, context)).toMatchObject({
      seconds: 0,
      firstPredictionSeconds: null,
      eventsPerSecond: null,
      latencyMs: { p50: null, p95: null, p99: null },
      latencyAtEventsPerSecond: null,
      auc: null,
      logLoss: null,
      baseRate: null,
      digest: null,
    });
  });

  it("refuses predictions that have no probability", () => {
    const scored = [scoredFlight({ row: 1, probability: "high" as unknown as number, delayMinutes: 0 })];

    expect(() => createReport(result({ scored }), context)).toThrow(
      /flight 0000001: got probability "high", expected a number/,
    );
  });
});

it("a line of --out has the event, the prediction and the truth", () => {
  const line = outputLine(scoredFlight({ row: 7, probability: 0.25, delayMinutes: 16, latencyMs: 1.23456 }));

  expect(JSON.parse(line)).toEqual({
    flight: "0000007",
    departs: "2001-01-31T06:44:00Z",
    origin: "ORD",
    destination: "MCO",
    distance: 1005,
    probability: 0.25,
    label: "on time",
    late: true,
    delayMinutes: 16,
    latencyMs: 1.235,
    predictionId: "id-7",
    digest: "d".repeat(64),
    role: "champion",
  });
});

import { describe, expect, it } from "vitest";
import { formatStatus } from "../../../scripts/status/format-status.ts";
import type { ModelStatus, StatusReport } from "../../../scripts/status/status-report.ts";

const plain = { bold: (text: string) => text, dim: (text: string) => text };

const model: ModelStatus = {
  model: "flight-delay",
  champion: { digest: "ab".repeat(32), since: "2026-01-02T03:04:05.678Z" },
  challenger: null,
  shadow: null,
  events: 12_345,
  predictions: 12_000,
  skipped: 340,
  rejected: 5,
  rejectedByReason: { "input.range": 3, "input.type": 2 },
  retried: 0,
  parked: 7,
  iteratorAgeMs: 1_234.4,
  latency: [
    { stage: "queue", p50Ms: 12.4, p99Ms: 1_500 },
    { stage: "run", p50Ms: 0.123, p99Ms: 2.5 },
    { stage: "reject", p50Ms: null, p99Ms: null },
  ],
  coldStarts: 4,
  cache: {
    hits: 1,
    misses: 3,
    hitRatio: 0.25,
    errors: 0,
    mismatches: 0,
    askedRatio: 0.5,
    rowCostUs: 120.26,
    keyCostUs: 40,
  },
  dependencyErrors: 1,
  modelErrors: 0,
  functions: [
    { kind: "stream", name: "f", invocations: 20, errors: 0, throttles: 1, memoryUsedRatio: 0.345 },
  ],
  api: { requests: 8, p50Ms: 4, p99Ms: 9.5, clientErrors: 2, serverErrors: 0 },
  drift: null,
  usdPerThousandPredictions: 0.000_432_1,
};
const report: StatusReport = {
  stage: "dev",
  from: "2026-01-02T03:00:00.000Z",
  until: "2026-01-02T04:00:00.000Z",
  models: [model],
  alarms: { evaluated: true, inAlarm: [] },
};

describe("the status in a terminal", () => {
  it("stands in aligned columns", () => {
    expect(formatStatus(report, plain)).toEqual([
      "stage dev, 2026-01-02 03:00 to 2026-01-02 04:00 UTC",
      "",
      "flight-delay",
      "  champion         abababababab since 2026-01-02 03:04:05 UTC",
      "  events           12,345, of them skipped 340",
      "  predictions      12,000",
      "  rejected         5 (input.range 3, input.type 2)",
      "  parked           7",
      "  retried          0",
      "  iterator age     1,234 ms at most",
      "  cold starts      4",
      "  cache            25.0 % hits; 50.0 % of chunks ask it: a row costs 120.3 µs, a lookup 40 µs",
      "  errors           dependencies 1, model 0; cache 0, mismatches 0",
      "  stream function  invocations 20, errors 0, throttles 1, memory 34.5 % at most",
      "  HTTPS            requests 8, p50 4 ms, p99 9.5 ms; 4xx 2, 5xx 0",
      "  cost             0.000432 USD per 1,000 predictions (estimated)",
      "  latency      p50       p99",
      "  queue      12 ms  1,500 ms",
      "  run      0.12 ms    2.5 ms",
      "",
      "alarms: none",
    ]);
  });

  it("shows who stands beside the champion, and what is found of them", () => {
    const since = "2026-01-02T03:30:00.000Z";
    const challenger = {
      ...{ digest: "cd".repeat(32), since, share: 0.2 },
      ...{ answers: 1_234, errors: 0, stopped: 1, verdict: "hold: 400 of 1,000 outcomes" },
    };
    const shadow = {
      ...{ digest: "ef".repeat(32), since, sample: 0.005 },
      ...{ scored: 6, dropped: 0, verdict: null },
    };
    const lines = formatStatus({ ...report, models: [{ ...model, challenger, shadow }] }, plain);
    expect(lines.slice(3, 7)).toEqual([
      "  champion         abababababab since 2026-01-02 03:04:05 UTC",
      "  challenger       cdcdcdcdcdcd with 20 % since 2026-01-02 03:30:00 UTC; answered 1,234, failed 0, stopped 1",
      "                   hold: 400 of 1,000 outcomes",
      "  shadow           efefefefefef of 0.5 % since 2026-01-02 03:30:00 UTC; scored 6, dropped 0",
    ]);
  });

  it("names what rings, since when and what it means", () => {
    const alarm = {
      name: "Headrace-dev-Serving-Rejected",
      description: "many events are at fault",
      since: "2026-01-02T03:30:00.000Z",
    };
    const alarms = { evaluated: true, inAlarm: [alarm] };
    expect(formatStatus({ ...report, alarms }, plain).at(-1)).toBe(
      "ALARM Headrace-dev-Serving-Rejected since 2026-01-02 03:30:00 UTC: many events are at fault",
    );
  });

  it("says what was not measured, rather than showing a nought", () => {
    const quiet: ModelStatus = {
      ...model,
      champion: null,
      parked: null,
      iteratorAgeMs: null,
      latency: [],
      api: { requests: 0, p50Ms: null, p99Ms: null, clientErrors: null, serverErrors: null },
      cache: { ...model.cache, hitRatio: null, askedRatio: null },
      usdPerThousandPredictions: null,
    };
    const text = formatStatus(
      { ...report, models: [quiet], alarms: { evaluated: false, inAlarm: [] } },
      plain,
    ).join("\n");
    for (const said of [
      "champion         none: nothing is published",
      "parked           not counted on this target",
      "iterator age     – at most",
      "no lookups; the shared cache is not in use",
      "requests 0; 4xx, 5xx not counted on this target",
      "cost             no predictions",
      "alarms: this target evaluates none",
    ])
      expect(text).toContain(said);
    expect(text).not.toContain("latency");
  });
});

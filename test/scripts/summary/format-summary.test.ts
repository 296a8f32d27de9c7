import { expect, it } from "vitest";
import { formatSummary } from "../../../scripts/summary/format-summary.ts";
import type { Report } from "../../../scripts/summary/report.ts";
import { formatTable } from "../../../scripts/summary/table.ts";
import { scoredFlight } from "./scored-flight.ts";

const plain = { bold: (text: string) => text, dim: (text: string) => text };
const report: Report = {
  flights: 20_000,
  events: 39_900,
  historyEvents: 0,
  predictions: 19_998,
  rejected: 1,
  missing: 1,
  duplicates: 0,
  throttled: 0,
  seconds: 48.73,
  firstPredictionSeconds: 12.25,
  eventsPerSecond: 3_746.6,
  latencyMs: { p50: 62.2, p95: 299, p99: 566.3 },
  latencyAtEventsPerSecond: 200,
  auc: 0.633875,
  logLoss: 0.379131,
  rollingAuc: [0.61, null, 0.66],
  outcomes: null,
  baseRate: 0.12175,
  model: "flight-delay",
  digest: null,
  endpoint: "http://127.0.0.1:1",
  apiUrl: null,
};

it("the summary shows flights over the range of probabilities and then the numbers, aligned", () => {
  const delays = [-8, 0, 15, 16, 278, 1];
  const scored = delays.map((delayMinutes, index) =>
    scoredFlight({ row: index, probability: (9 - index) / 10, delayMinutes }),
  );

  expect(formatSummary(report, scored, plain)).toEqual([
    "  flight    departs (UTC)      route       miles   P(late)   what happened",
    "  0000005   2001-01-31 06:44   ORD → MCO    1005     0.400   1 min after schedule",
    "  0000004   2001-01-31 06:44   ORD → MCO    1005     0.500   278 min after schedule (late)",
    "  0000003   2001-01-31 06:44   ORD → MCO    1005     0.600   16 min after schedule (late)",
    "  0000002   2001-01-31 06:44   ORD → MCO    1005     0.700   15 min after schedule",
    "  0000001   2001-01-31 06:44   ORD → MCO    1005     0.800   on the minute",
    "  0000000   2001-01-31 06:44   ORD → MCO    1005     0.900   8 min early",
    "",
    "  events       39,900 put, 19,998 of 20,000 departures predicted, 1 rejected, 1 missing",
    "  throughput   3,747 events/s                                                             first event sent to last prediction seen",
    "  latency      p50 62 ms   p95 299 ms   p99 566 ms                                        put to prediction, at 200 events/s",
    "  accuracy     AUC 0.6339   log-loss 0.3791                                               12.2 % were late",
    "               AUC 0.61 – 0.66                                                            as the hours went by",
    "  time         12.3 s to the first prediction                                             48.7 s in all",
  ]);
});

it("the summary shows the features that were served, and what the service made of the outcomes", () => {
  const scored = [scoredFlight({ row: 0, probability: 0.4, delayMinutes: 1 })];
  const served = new Map([
    ["0000000", { origin_late_rate_3h: 0.25, incoming_mean_delay_1h: -3.5, route_mean_delay_24h: [1] }],
  ]);
  const outcomes = {
    joined: 19_000,
    early: 700,
    auc: 0.66654,
    logLoss: 0.48,
    readUnitsPerThousand: 700.4,
    writeUnitsPerThousand: 450,
  };
  const lines = formatSummary({ ...report, outcomes, historyEvents: 16_000 }, scored, { ...plain, served });

  expect(lines.slice(0, 2)).toEqual([
    "  flight    departs (UTC)      route       miles   late there, 3 h   inbound delay, 1 h   route delay, 24 h   P(late)   what happened",
    "  0000000   2001-01-31 06:44   ORD → MCO    1005              0.25                -3.50                   –     0.400   1 min after schedule",
  ]);
  expect(lines.find((line) => line.includes("outcomes"))).toMatch(
    /19,000 joined, AUC 0\.6665 {3}log-loss 0\.4800 .*; 700 were of flights before/,
  );
  expect(lines.find((line) => line.includes("state"))).toContain("700 read and 450 write units");
  expect(lines.find((line) => line.includes("put,"))).toContain("after 16,000 arrivals of the day before");
});

it("the summary of a run without predictions has dashes in place of numbers", () => {
  const none = { p50: null, p95: null, p99: null };
  const lines = formatSummary(
    { ...report, predictions: 0, rejected: null, latencyMs: none, auc: null, logLoss: null, baseRate: null },
    [],
    plain,
  );

  expect(lines[0]).toBe("  events       39,900 put, 0 of 20,000 departures predicted, 1 missing");
  expect(lines[3]).toMatch(/AUC – {3}log-loss – +– % were late$/);
});

it("a table aligns its columns and leaves no blanks at the end of a line", () => {
  const rows = [
    ["a", "1", "x"],
    ["bbb", "100", ""],
  ];

  expect(formatTable(rows, { gap: 2, alignRight: [1] })).toEqual(["a      1  x", "bbb  100"]);
});

import type { ScoredFlight } from "../replay/scoreboard.ts";
import type { Report } from "./report.ts";
import { scoreOf } from "./score.ts";
import { formatTable } from "./table.ts";

export interface Emphasis {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** What a person wants to see after a run: a few predictions beside the truth, then the numbers. */
export function formatSummary(
  report: Report,
  scored: readonly ScoredFlight[],
  { bold, dim }: Emphasis,
): readonly string[] {
  const missing = report.missing > 0 ? `, ${count(report.missing)} missing` : "";
  const rejected = report.rejected === null ? "" : `, ${count(report.rejected)} rejected`;
  const { p50, p95, p99 } = report.latencyMs;
  const pace =
    report.latencyAtEventsPerSecond === null
      ? "in one burst"
      : `at ${report.latencyAtEventsPerSecond} events/s`;
  const rows = [
    [
      "events",
      `${count(report.events)} put, ${count(report.predictions)} predicted${rejected}${missing}`,
      "",
    ],
    [
      "throughput",
      `${decimals(report.eventsPerSecond, 0)} events/s`,
      "first event sent to last prediction seen",
    ],
    [
      "latency",
      `p50 ${milliseconds(p50)}   p95 ${milliseconds(p95)}   p99 ${milliseconds(p99)}`,
      `put to prediction, ${pace}`,
    ],
    [
      "accuracy",
      `AUC ${decimals(report.auc, 4)}   log-loss ${decimals(report.logLoss, 4)}`,
      `${decimals(report.baseRate === null ? null : report.baseRate * 100, 1)} % were late`,
    ],
    [
      "time",
      `${decimals(report.firstPredictionSeconds, 1)} s to the first prediction`,
      `${decimals(report.seconds, 1)} s in all`,
    ],
  ];
  return [
    ...(scored.length === 0 ? [] : [...fewFlights(scored, dim), ""]),
    ...formatTable(rows, { gap: 3 }).map((line, index) => {
      const [name, , note] = rows[index]!;
      return `  ${bold(line.slice(0, name!.length))}${dimTail(line.slice(name!.length), note!, dim)}`;
    }),
  ];
}

/** Flights evenly spread over the range of the predicted probability. */
function fewFlights(scored: readonly ScoredFlight[], dim: Emphasis["dim"]): readonly string[] {
  const ranked = scored.toSorted((a, b) => scoreOf(a).probability - scoreOf(b).probability);
  const shownCount = Math.min(6, ranked.length);
  const shown = Array.from(
    { length: shownCount },
    (_, index) => ranked[Math.round((index * (ranked.length - 1)) / Math.max(1, shownCount - 1))]!,
  );
  const [head, ...body] = formatTable(
    [
      ["flight", "departs (UTC)", "route", "miles", "P(late)", "what happened"],
      ...shown.map(({ flight, prediction }) => [
        prediction.eventId,
        new Date(flight.departsMs).toISOString().slice(0, 16).replace("T", " "),
        `${flight.origin} → ${flight.destination}`,
        String(flight.distanceMiles),
        scoreOf({ flight, prediction }).probability.toFixed(3),
        whatHappened(flight.delayMinutes),
      ]),
    ],
    { gap: 3, alignRight: [3, 4] },
  );
  return [`  ${dim(head!)}`, ...body.map((line) => `  ${line}`)];
}

function whatHappened(delayMinutes: number): string {
  const late = delayMinutes > 15 ? " (late)" : "";
  if (delayMinutes === 0) return "on the minute";
  return delayMinutes < 0 ? `${-delayMinutes} min early` : `${delayMinutes} min after schedule${late}`;
}

function dimTail(line: string, tail: string, dim: Emphasis["dim"]): string {
  return tail === "" ? line : `${line.slice(0, line.length - tail.length)}${dim(tail)}`;
}

const count = (value: number) => value.toLocaleString("en-US");

function decimals(value: number | null, digits: number): string {
  if (value === null) return "–";
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const milliseconds = (value: number | null) => `${decimals(value, 0)} ms`;

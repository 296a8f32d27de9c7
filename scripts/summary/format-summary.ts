import type { ScoredFlight } from "../replay/scoreboard.ts";
import type { Report } from "./report.ts";
import { scoreOf } from "./score.ts";
import { formatTable } from "./table.ts";

export interface Emphasis {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Features as they were served, by flight and by name; of flights that are shown, those that can be told. */
export type ServedFeatures = ReadonlyMap<string, Readonly<Record<string, number | readonly number[]>>>;

/** The windowed features that are shown beside a prediction: the name, and what stands above them. */
const shownFeatures = [
  ["origin_late_rate_3h", "late there, 3 h"],
  ["incoming_mean_delay_1h", "inbound delay, 1 h"],
  ["route_mean_delay_24h", "route delay, 24 h"],
] as const;

/** What a person wants to see after a run: a few predictions beside the truth, then the numbers. */
export function formatSummary(
  report: Report,
  scored: readonly ScoredFlight[],
  { bold, dim, served }: Emphasis & { readonly served?: ServedFeatures | undefined },
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
      `${count(report.events)} put, ${count(report.predictions)} of ${count(report.flights)} departures predicted${rejected}${missing}`,
      report.historyEvents > 0 ? `after ${count(report.historyEvents)} arrivals of the day before` : "",
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
    ...rollingRow(report.rollingAuc),
    ...outcomeRows(report.outcomes),
    [
      "time",
      `${decimals(report.firstPredictionSeconds, 1)} s to the first prediction`,
      `${decimals(report.seconds, 1)} s in all`,
    ],
  ];
  return [
    ...(scored.length === 0 ? [] : [...fewFlights(scored, dim, served), ""]),
    ...formatTable(rows, { gap: 3 }).map((line, index) => {
      const [name, , note] = rows[index]!;
      return `  ${bold(line.slice(0, name!.length))}${dimTail(line.slice(name!.length), note!, dim)}`;
    }),
  ];
}

/** Flights evenly spread over the range of the predicted probability. */
export function shownFlights(scored: readonly ScoredFlight[]): readonly ScoredFlight[] {
  const ranked = scored.toSorted((a, b) => scoreOf(a).probability - scoreOf(b).probability);
  const shownCount = Math.min(6, ranked.length);
  return Array.from(
    { length: shownCount },
    (_, index) => ranked[Math.round((index * (ranked.length - 1)) / Math.max(1, shownCount - 1))]!,
  );
}

function fewFlights(
  scored: readonly ScoredFlight[],
  dim: Emphasis["dim"],
  served: ServedFeatures | undefined,
): readonly string[] {
  const shown = shownFlights(scored);
  const columns = served === undefined || served.size === 0 ? [] : shownFeatures;
  const [head, ...body] = formatTable(
    [
      [
        "flight",
        "departs (UTC)",
        "route",
        "miles",
        ...columns.map(([, head]) => head),
        "P(late)",
        "what happened",
      ],
      ...shown.map(({ flight, prediction }) => [
        prediction.eventId,
        new Date(flight.departsMs).toISOString().slice(0, 16).replace("T", " "),
        `${flight.origin} → ${flight.destination}`,
        String(flight.distanceMiles),
        ...columns.map(([name]) => featureText(served?.get(prediction.eventId)?.[name])),
        scoreOf({ flight, prediction }).probability.toFixed(3),
        whatHappened(flight.delayMinutes),
      ]),
    ],
    { gap: 3, alignRight: [3, 4, ...columns.map((_, i) => 5 + i)] },
  );
  return [`  ${dim(head!)}`, ...body.map((line) => `  ${line}`)];
}

function featureText(value: number | readonly number[] | undefined): string {
  return typeof value === "number" ? value.toFixed(2) : "–";
}

function rollingRow(values: Report["rollingAuc"]): [string, string, string][] {
  if (values.length < 2) return [];
  return [["", `AUC ${values.map((value) => decimals(value, 2)).join(" ")}`, "as the hours went by"]];
}

function outcomeRows(outcomes: Report["outcomes"]): [string, string, string][] {
  if (outcomes === null) return [];
  const { joined, early, auc, logLoss, readUnitsPerThousand, writeUnitsPerThousand } = outcomes;
  return [
    [
      "outcomes",
      `${count(joined)} joined, AUC ${decimals(auc, 4)}   log-loss ${decimals(logLoss, 4)}`,
      `as the service itself counts; ${count(early)} were of flights before`,
    ],
    [
      "state",
      `${decimals(readUnitsPerThousand, 0)} read and ${decimals(writeUnitsPerThousand, 0)} write units`,
      "of DynamoDB per thousand events, for views and accuracy",
    ],
  ];
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

import type { PhaseResult, ReplayResult } from "../replay/replay.ts";
import type { ScoredFlight } from "../replay/scoreboard.ts";
import { auc } from "./auc.ts";
import { logLoss } from "./log-loss.ts";
import { percentiles } from "./percentile.ts";
import { latencyMs, scoreOf } from "./score.ts";

/**
 * What `--json` prints as its last line. Stable: fields are added, never renamed or given another meaning.
 *
 * A number that cannot be told, such as the AUC where no flight was late, is `null`.
 */
export interface Report {
  /** Flights that were replayed. */
  readonly flights: number;
  /** Events put on the stream and accepted, departures and arrivals, without those of before. */
  readonly events: number;
  /** Arrivals of the day before, put first so that windows know them. */
  readonly historyEvents: number;
  /** Departures with a prediction; each counts once, however often its prediction was delivered. */
  readonly predictions: number;
  /** Events that the stream function rejected; `null` where this command cannot see it (`replay`). */
  readonly rejected: number | null;
  /** Departures with neither a prediction nor a reject when the run gave up waiting. */
  readonly missing: number;
  /** Predictions delivered again; consumers tell by `predictionId`. */
  readonly duplicates: number;
  /** Records that Kinesis refused for throughput, and that were sent again. */
  readonly throttled: number;
  /** From the start of the process to the last prediction. */
  readonly seconds: number;
  /** From the start of the process to the first prediction. */
  readonly firstPredictionSeconds: number | null;
  /**
   * Of the last phase, at full speed unless a rate was asked for: departures and arrivals, first event sent to last
   * prediction seen.
   */
  readonly eventsPerSecond: number | null;
  /**
   * From the moment the PutRecords call with the event goes out to the moment its prediction is read back from the
   * `predictions` stream, in milliseconds, over the paced phase: at full speed it would be the length of the queue.
   */
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
  };
  /** Events per second that the latency was measured at; `null` when it is that of a burst. */
  readonly latencyAtEventsPerSecond: number | null;
  /** Area under the ROC curve of the probability against "arrived more than 15 minutes late". */
  readonly auc: number | null;
  /** In nats. */
  readonly logLoss: number | null;
  /** `auc` by flights in the order of their departure, in up to ten runs of equal length. */
  readonly rollingAuc: readonly (number | null)[];
  /** What the service made of the arrivals; `null` where this command cannot see it (`replay`). */
  readonly outcomes: OutcomeReport | null;
  /** Share of the predicted flights that were late. */
  readonly baseRate: number | null;
  readonly model: string;
  /** Digest of the model version that predicted; `null` when there were several or none. */
  readonly digest: string | null;
  /** Where the services are, e.g. `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Where the models answer over HTTPS, without a slash at its end; `null` where this command does not ask (`replay`). */
  readonly apiUrl: string | null;
}

/** What the service itself says of the truths that came in. */
export interface OutcomeReport {
  /** Arrivals whose departure was predicted, each joined once. */
  readonly joined: number;
  /** Arrivals whose departure was not: those of the day before. */
  readonly early: number;
  /** Of the champion, from its score histograms. */
  readonly auc: number | null;
  /** Of the champion, in nats. */
  readonly logLoss: number | null;
  /** DynamoDB units of views, clocks and accuracy per thousand events. */
  readonly readUnitsPerThousand: number | null;
  readonly writeUnitsPerThousand: number | null;
}

export interface ReportContext {
  readonly model: string;
  readonly endpoint: string;
  /** @default none */
  readonly apiUrl?: string | undefined;
  /** When counting began, epoch milliseconds. */
  readonly startedAtMs: number;
  readonly rejected: number | null;
  /** @default none */
  readonly outcomes?: OutcomeReport | undefined;
}

/** Sum a replay up. */
export function createReport(result: ReplayResult, context: ReportContext): Report {
  const { scored, missing, phases } = result;
  const flights = scored.length + missing.length;
  const history = phases.filter(({ name }) => name === "the day before").reduce(countEvents, 0);
  const rows = scored.map(scoreOf);
  const paced = phases.find(({ name }) => name === "paced") ?? phases.find((each) => each.scored.length > 0);
  const [p50, p95, p99] = percentiles((paced?.scored ?? []).map(latencyMs), [0.5, 0.95, 0.99]);
  const seenAtMs = scored.map((one) => one.seenAtMs);
  const digests = new Set(scored.map(({ prediction }) => prediction.digest));
  return {
    flights,
    events: phases.reduce(countEvents, 0) - history,
    historyEvents: history,
    predictions: scored.length,
    rejected: context.rejected,
    missing: Math.max(0, missing.length - (context.rejected ?? 0)),
    duplicates: result.duplicateCount,
    throttled: result.refusalCount,
    seconds: round((Math.max(context.startedAtMs, ...bounds(seenAtMs)) - context.startedAtMs) / 1_000, 3),
    firstPredictionSeconds:
      scored.length === 0 ? null : round((bounds(seenAtMs)[0]! - context.startedAtMs) / 1_000, 3),
    eventsPerSecond: eventsPerSecond(phases.at(-1)),
    latencyMs: { p50: orNull(p50, 1), p95: orNull(p95, 1), p99: orNull(p99, 1) },
    latencyAtEventsPerSecond: paced?.ratePerSecond ?? null,
    auc: orNull(auc(rows.map(({ probability, late }) => ({ score: probability, late }))), 6),
    logLoss: orNull(logLoss(rows), 6),
    rollingAuc: rollingAuc(scored),
    outcomes: context.outcomes === undefined ? null : rounded(context.outcomes),
    baseRate: rows.length === 0 ? null : round(rows.filter(({ late }) => late).length / rows.length, 6),
    model: context.model,
    digest: digests.size === 1 ? [...digests][0]! : null,
    endpoint: context.endpoint,
    apiUrl: context.apiUrl ?? null,
  };
}

function eventsPerSecond(phase: PhaseResult | undefined): number | null {
  if (phase === undefined || phase.scored.length === 0 || phase.seconds <= 0) return null;
  return round(phase.timedCount / phase.seconds, 1);
}

function rounded(outcomes: OutcomeReport): OutcomeReport {
  const { auc: area, logLoss: loss, readUnitsPerThousand, writeUnitsPerThousand } = outcomes;
  return {
    ...outcomes,
    auc: orNull(area ?? undefined, 6),
    logLoss: orNull(loss ?? undefined, 6),
    readUnitsPerThousand: orNull(readUnitsPerThousand ?? undefined, 1),
    writeUnitsPerThousand: orNull(writeUnitsPerThousand ?? undefined, 1),
  };
}

function countEvents(sum: number, { eventCount }: PhaseResult): number {
  return sum + eventCount;
}

/** Runs shorter than this say little. */
const leastRun = 100;
const maxRuns = 10;

function rollingAuc(scored: readonly ScoredFlight[]): readonly (number | null)[] {
  const rows = scored
    .toSorted((a, b) => a.flight.departsMs - b.flight.departsMs || a.flight.row - b.flight.row)
    .map(scoreOf)
    .map(({ probability, late }) => ({ score: probability, late }));
  const length = Math.max(leastRun, Math.ceil(rows.length / maxRuns));
  return Array.from({ length: Math.ceil(rows.length / length) }, (_, i) =>
    orNull(auc(rows.slice(i * length, (i + 1) * length)), 4),
  );
}

/** Least and greatest; spreading a long array into `Math.min` overflows the stack. */
function bounds(values: readonly number[]): readonly number[] {
  if (values.length === 0) return [];
  let [least, greatest] = [values[0]!, values[0]!];
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}

function orNull(value: number | undefined, digits: number): number | null {
  return value === undefined ? null : round(value, digits);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

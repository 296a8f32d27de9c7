import type { DriftStatus } from "./drift-status.ts";
import type { FunctionKind } from "./stage-functions.ts";

/** What `npm run status -- --json` prints; a number is null where nothing was measured. */
export interface StatusReport {
  readonly stage: string;
  /** ISO 8601; what was measured from then, inclusive, until then, exclusive. */
  readonly from: string;
  readonly until: string;
  readonly models: readonly ModelStatus[];
  /** Of the whole stage; `evaluated` is false where the target only records alarms. */
  readonly alarms: { readonly evaluated: boolean; readonly inAlarm: readonly AlarmStatus[] };
}

export interface ModelStatus {
  readonly model: string;
  /** Null until a version is published. */
  readonly champion: { readonly digest: string; readonly since: string } | null;
  /** Null where none stands beside the champion. */
  readonly challenger: ChallengerStatus | null;
  readonly shadow: ShadowStatus | null;
  readonly events: number;
  readonly predictions: number;
  readonly skipped: number;
  readonly rejected: number;
  /** By code; over HTTPS as well. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly retried: number;
  /** Null where the target does not count them. */
  readonly parked: number | null;
  /** Age of the newest record that a batch brought, at most. */
  readonly iteratorAgeMs: number | null;
  /** Of each stage of a batch or request, in the order of their work. */
  readonly latency: readonly StageLatency[];
  readonly coldStarts: number;
  readonly cache: CacheStatus;
  readonly dependencyErrors: number;
  readonly modelErrors: number;
  /** Of the stream function and, where there is HTTPS, of the predict and the shadow function. */
  readonly functions: readonly FunctionStatus[];
  /** Null where the stage has no HTTPS. */
  readonly api: ApiStatus | null;
  /** Null until a window of the champion was compared with its reference. */
  readonly drift: DriftStatus | null;
  /** Null without predictions. */
  readonly usdPerThousandPredictions: number | null;
}

export interface ChallengerStatus {
  readonly digest: string;
  readonly since: string;
  /** Share of the entities that it answers, from 0 to 1. */
  readonly share: number;
  /** Predictions of which its answer was the one; rows that it failed on; times that an environment stopped it. */
  readonly answers: number;
  readonly errors: number;
  readonly stopped: number;
  /** How it compares with the champion, in one line; null where nobody said. */
  readonly verdict: string | null;
}

export interface ShadowStatus {
  readonly digest: string;
  readonly since: string;
  /** Share of the events that it is to score, above 0, at most 1. */
  readonly sample: number;
  /** Events of its sample that it scored, and those that it did not come to. */
  readonly scored: number;
  readonly dropped: number;
  /** As of a challenger. */
  readonly verdict: string | null;
}

export interface StageLatency {
  readonly stage: string;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** The cache that functions share. */
export interface CacheStatus {
  readonly hits: number;
  readonly misses: number;
  readonly hitRatio: number | null;
  readonly errors: number;
  readonly mismatches: number;
  /** Share of chunks that asked it; null where no decision was taken, as with `never`. */
  readonly askedRatio: number | null;
  /** What the decision goes by: means per row run, and per key asked for. */
  readonly rowCostUs: number | null;
  readonly keyCostUs: number | null;
}

export interface FunctionStatus {
  readonly kind: FunctionKind;
  readonly name: string;
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  /** Share of its memory that its process used, in whichever environment it was most. */
  readonly memoryUsedRatio: number | null;
}

export interface ApiStatus {
  readonly requests: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Answers that refuse, and those that fail; null where the target's gateway does not count them. */
  readonly clientErrors: number | null;
  readonly serverErrors: number | null;
}

export interface AlarmStatus {
  readonly name: string;
  readonly description: string | null;
  readonly since: string | null;
}

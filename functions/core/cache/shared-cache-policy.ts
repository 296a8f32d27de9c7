/** `auto` asks the shared cache only where that costs less than running the rows it answers. */
export type SharedCacheMode = "auto" | "always" | "never";

/** Decides, chunk by chunk, whether to ask the shared cache, from what runs and lookups have cost so far. */
export interface SharedCachePolicy {
  /** @param rowCostMs - mean cost of running a row; undefined until a run has been timed. */
  isWorthwhile(rowCostMs: number | undefined): boolean;
  /** Tell what asking for `keyCount` keys brought, and what asking and writing the rest took. */
  record(lookup: {
    readonly keyCount: number;
    readonly hits: number;
    readonly durationMs: number;
    readonly failed: boolean;
  }): void;
  /** Mean cost of a key, in milliseconds, writes included; undefined until one was asked for. */
  readonly keyCostMs: number | undefined;
}

/**
 * A row that costs less is never worth a request: the SDK alone spends 17 µs of CPU per key (measured, Node 24,
 * BatchGetItem of 100), and a round trip comes on top.
 */
const leastRowCostMs = 0.02;
/** Keys whose hits are weighed together, and chunks that do not ask after a trial that did not pay. */
const trialKeys = 512;
const restChunks = 256;
/** After a failure the cache rests, twice as long each time, within these bounds. */
const leastPauseMs = 1_000;
const maxPauseMs = 60_000;
const newestWeight = 0.2;

/** @param nowMs - a clock in milliseconds. */
export function createSharedCachePolicy(mode: SharedCacheMode, nowMs: () => number): SharedCachePolicy {
  let keyCostMs: number | undefined;
  let trial = { keys: 0, hits: 0 };
  let restLeft = 0;
  let pauseMs = 0;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;

  return {
    get keyCostMs() {
      return keyCostMs;
    },
    isWorthwhile(rowCostMs) {
      if (mode === "never" || nowMs() < pausedUntilMs) return false;
      if (mode === "always") return true;
      if (rowCostMs === undefined || rowCostMs < leastRowCostMs) return false;
      if (trial.keys >= trialKeys) weighTrial(rowCostMs);
      if (restLeft > 0) {
        restLeft--;
        return false;
      }
      // Before anything is known of its hits, a lookup must be able to pay if all keys were found.
      return keyCostMs === undefined || keyCostMs < rowCostMs;
    },
    record({ keyCount, hits, durationMs, failed }) {
      if (failed) {
        pauseMs = Math.min(Math.max(pauseMs * 2, leastPauseMs), maxPauseMs);
        pausedUntilMs = nowMs() + pauseMs;
        return;
      }
      pauseMs = 0;
      const cost = durationMs / keyCount;
      keyCostMs = keyCostMs === undefined ? cost : keyCostMs + newestWeight * (cost - keyCostMs);
      trial.keys += keyCount;
      trial.hits += hits;
    },
  };

  function weighTrial(rowCostMs: number): void {
    if (trial.hits * rowCostMs < trial.keys * (keyCostMs ?? 0)) {
      restLeft = restChunks;
      // Costs change: after the rest it is tried afresh.
      keyCostMs = undefined;
    }
    trial = { keys: 0, hits: 0 };
  }
}

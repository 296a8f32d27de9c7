/** `auto` asks the shared cache only where that costs less than running the rows it answers. */
export type SharedCacheMode = "auto" | "always" | "never";

/** Decides, chunk by chunk, whether to ask the shared cache, from what runs and lookups have cost so far. */
export interface SharedCachePolicy {
  /** @param rowCostMs - mean cost of running a row; undefined until a run has been timed. */
  isWorthwhile(rowCostMs: number | undefined, rowCount: number): boolean;
  /** Tell what asking for `keyCount` keys brought, and what asking and writing the rest took. */
  record(lookup: {
    readonly keyCount: number;
    readonly hits: number;
    /** What a hit saved; undefined until a run has been timed. */
    readonly rowCostMs: number | undefined;
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
/** Share of the time that rows take to run which may be spent on lookups that save nothing. */
const trialRatio = 0.02;
/** Savings that later lookups may lose again; the more, the longer it takes to notice that hits have ceased. */
const maxCreditMs = 200;
/** After a failure the cache rests, twice as long each time, within these bounds. */
const leastPauseMs = 1_000;
const maxPauseMs = 60_000;
const newestWeight = 0.2;

/**
 * `auto` keeps an account: lookups pay what they take, and earn what running their hits would have taken; so much of
 * all other work is added for trials. It asks while the account is not overdrawn, so that with it work takes at most
 * `trialRatio` longer than without, plus the one lookup by which the account may be overdrawn.
 *
 * @param nowMs - a clock in milliseconds.
 */
export function createSharedCachePolicy(mode: SharedCacheMode, nowMs: () => number): SharedCachePolicy {
  let keyCostMs: number | undefined;
  let creditMs = 0;
  let pauseMs = 0;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;

  return {
    get keyCostMs() {
      return keyCostMs;
    },
    isWorthwhile(rowCostMs, rowCount) {
      if (mode === "never" || nowMs() < pausedUntilMs) return false;
      if (mode === "always") return true;
      if (rowCostMs === undefined || rowCostMs < leastRowCostMs) return false;
      creditMs = Math.min(maxCreditMs, creditMs + trialRatio * rowCostMs * rowCount);
      return creditMs >= 0;
    },
    record({ keyCount, hits, rowCostMs = 0, durationMs, failed }) {
      creditMs = Math.min(maxCreditMs, creditMs + hits * rowCostMs - durationMs);
      if (failed) {
        pauseMs = Math.min(Math.max(pauseMs * 2, leastPauseMs), maxPauseMs);
        pausedUntilMs = nowMs() + pauseMs;
        return;
      }
      pauseMs = 0;
      const cost = durationMs / keyCount;
      keyCostMs = keyCostMs === undefined ? cost : keyCostMs + newestWeight * (cost - keyCostMs);
    },
  };
}

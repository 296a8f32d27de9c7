import type { ModelDigest } from "../../contract/ids.ts";

/** Why a version was stopped. */
export type BreakerReason = "errors" | "slow";

/** Stops a challenger or shadow in this environment as soon as it errs or is slow, before anybody else knows. */
export interface Breaker {
  /** Whether the version may run now. */
  isClosed(digest: ModelDigest): boolean;
  /**
   * Tell how one chunk went.
   *
   * @returns why the version is stopped by it, undefined where it is not.
   */
  record(digest: ModelDigest, chunk: ChunkRecord): BreakerReason | undefined;
}

export interface ChunkRecord {
  readonly rows: number;
  /** Rows without an answer. */
  readonly failed: number;
  readonly durationMs: number;
  /** What the champion took for as many rows. */
  readonly championMs: number;
}

export interface BreakerOptions {
  /** A clock in milliseconds. */
  readonly nowMs: () => number;
  /** How long a stopped version is not asked. @default 60 000 */
  readonly openMs?: number;
  /** Share of failed rows, over the newest rows, that stops it. @default 0.05 */
  readonly maxErrorRatio?: number;
  /** Time as a multiple of the champion's, over the newest rows, that stops it. @default 5 */
  readonly maxLatencyRatio?: number;
  /** Rows whose failures count, newest first. @default 200 */
  readonly windowRows?: number;
  /** A chunk shorter than this, in milliseconds, is never slow: the clock and the scheduler say more than the model. @default 20 */
  readonly graceMs?: number;
}

interface Account {
  rows: number;
  failed: number;
  ms: number;
  championMs: number;
  openedMs: number | undefined;
}

/** Failures before which a share of them says nothing: one bad row is not a bad model. */
const minFailed = 3;

export function createBreaker(options: BreakerOptions): Breaker {
  const { nowMs, openMs = 60_000, maxErrorRatio = 0.05, maxLatencyRatio = 5 } = options;
  const { windowRows = 200, graceMs = 20 } = options;
  const accounts = new Map<ModelDigest, Account>();

  return {
    isClosed(digest) {
      const account = accounts.get(digest);
      if (account?.openedMs === undefined) return true;
      if (nowMs() - account.openedMs < openMs) return false;
      accounts.delete(digest);
      return true;
    },
    record(digest, chunk) {
      const account = accountOf(digest);
      forget(account);
      account.rows += chunk.rows;
      account.failed += chunk.failed;
      account.ms += chunk.durationMs;
      account.championMs += chunk.championMs;
      const reason = faultOf(account);
      if (reason !== undefined) account.openedMs = nowMs();
      return reason;
    },
  };

  function faultOf({ rows, failed, ms, championMs }: Account): BreakerReason | undefined {
    if (failed >= Math.min(minFailed, rows) && failed > maxErrorRatio * rows) return "errors";
    return ms > graceMs && ms > maxLatencyRatio * championMs + graceMs ? "slow" : undefined;
  }

  /** What is older than a window weighs half, so that a version is judged by what it does now. */
  function forget(account: Account): void {
    if (account.rows < windowRows) return;
    account.rows /= 2;
    account.failed /= 2;
    account.ms /= 2;
    account.championMs /= 2;
  }

  function accountOf(digest: ModelDigest): Account {
    const known = accounts.get(digest);
    if (known !== undefined) return known;
    const account = { rows: 0, failed: 0, ms: 0, championMs: 0, openedMs: undefined };
    accounts.set(digest, account);
    return account;
  }
}

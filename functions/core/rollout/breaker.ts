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
  /** What a chunk may take beyond that, in milliseconds: so much the scheduler and the collector of garbage take now and then. @default 20 */
  readonly graceMs?: number;
  /** What a single chunk may take beyond that before it is slow by itself, in milliseconds. @default 1 000 */
  readonly stallMs?: number;
}

interface Account {
  chunks: number;
  rows: number;
  failed: number;
  ms: number;
  championMs: number;
  openedMs: number | undefined;
}

/** Failures before which a share of them says nothing: one bad row is not a bad model. */
const minFailed = 3;
/** Chunks before which their mean time says nothing: the first of a version are its slowest. */
const minChunks = 5;

export function createBreaker(options: BreakerOptions): Breaker {
  const { nowMs, openMs = 60_000, maxErrorRatio = 0.05, maxLatencyRatio = 5 } = options;
  const { windowRows = 200, graceMs = 20, stallMs = 1_000 } = options;
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
      account.chunks += 1;
      account.rows += chunk.rows;
      account.failed += chunk.failed;
      account.ms += chunk.durationMs;
      account.championMs += chunk.championMs;
      const isStalled = chunk.durationMs > maxLatencyRatio * chunk.championMs + stallMs;
      const reason = faultOf(account) ?? (isStalled ? "slow" : undefined);
      if (reason !== undefined) account.openedMs = nowMs();
      return reason;
    },
  };

  function faultOf({ chunks, rows, failed, ms, championMs }: Account): BreakerReason | undefined {
    if (failed >= minFailed && failed > maxErrorRatio * rows) return "errors";
    const isSlow = chunks >= minChunks && ms > maxLatencyRatio * championMs + chunks * graceMs;
    return isSlow ? "slow" : undefined;
  }

  /** What is older than a window weighs half, so that a version is judged by what it does now. */
  function forget(account: Account): void {
    if (account.rows < windowRows || account.chunks < 2 * minChunks) return;
    account.chunks /= 2;
    account.rows /= 2;
    account.failed /= 2;
    account.ms /= 2;
    account.championMs /= 2;
  }

  function accountOf(digest: ModelDigest): Account {
    const known = accounts.get(digest);
    if (known !== undefined) return known;
    const account = { chunks: 0, rows: 0, failed: 0, ms: 0, championMs: 0, openedMs: undefined };
    accounts.set(digest, account);
    return account;
  }
}

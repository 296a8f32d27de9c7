import { hash } from "node:crypto";
import { areEqualOutputs } from "./equal-outputs.ts";
import type { SharedCachePolicy } from "./shared-cache-policy.ts";
import type { SharedResultCache } from "./shared-result-cache.ts";

/** What the caches did for one chunk. */
export interface CacheReport {
  /** Rows asked for, once each. */
  readonly lookedUp: number;
  readonly hits: number;
  readonly failed: boolean;
  /** Hits that were recomputed, and how many of those came out differently. */
  readonly checked: number;
  readonly mismatches: number;
  readonly durationMs: number;
}

/** What was decided for one chunk, and by which numbers. */
export interface CacheDecision {
  readonly asks: boolean;
  /** Mean costs so far; undefined where nothing was measured yet. */
  readonly rowCostMs: number | undefined;
  readonly keyCostMs: number | undefined;
}

/** The shared cache as the predictors of one version use it. */
export interface SharedTier {
  isWorthwhile(rowCostMs: number | undefined, rowCount: number): boolean;
  /** Ask for rows by their full keys, hashed on the way. */
  lookUp(keys: readonly string[], rowCostMs: number | undefined): Promise<SharedHits>;
}

export interface SharedHits {
  /** Key → outputs, for rows that need no run. A sample of the hits is left out, to be run and compared. */
  readonly answered: ReadonlyMap<string, string>;
  /** Write what was run, compare the sample, and tell what it all took. */
  settle(ran: ReadonlyMap<string, string>): Promise<void>;
}

export interface SharedTierOptions {
  readonly model: string;
  /** What else results depend on, beside the version and the row: they are shared only where it is equal. */
  readonly computedBy: string;
  readonly cache: SharedResultCache;
  readonly policy: SharedCachePolicy;
  /** Greatest difference of a result from its recomputation, see `areEqualOutputs`. */
  readonly tolerance: number;
  /** Share of the hits that are recomputed, 0 to 1. @default 0.002 */
  readonly checkedRatio?: number;
  /** Uniform over [0, 1). */
  readonly random: () => number;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
  readonly onDecision?: (decision: CacheDecision) => void;
  readonly onReport?: (report: CacheReport) => void;
}

export function createSharedTier(options: SharedTierOptions): SharedTier {
  const { cache, policy, tolerance, checkedRatio = 0.002, random, nowMs } = options;
  return { isWorthwhile, lookUp };

  function isWorthwhile(rowCostMs: number | undefined, rowCount: number): boolean {
    const asks = policy.isWorthwhile(rowCostMs, rowCount);
    options.onDecision?.({ asks, rowCostMs, keyCostMs: policy.keyCostMs });
    return asks;
  }

  async function lookUp(keys: readonly string[], rowCostMs: number | undefined): Promise<SharedHits> {
    const startedMs = nowMs();
    const hashOf = new Map(keys.map((key) => [key, sharedKey(options, key)]));
    const { found, failed } = await cache.get([...hashOf.values()]);
    const answered = new Map<string, string>();
    const toCheck = new Map<string, string>();
    for (const [key, hashed] of hashOf) {
      const outputs = found.get(hashed);
      if (outputs !== undefined) (random() < checkedRatio ? toCheck : answered).set(key, outputs);
    }
    const lookedUpMs = nowMs() - startedMs;
    return { answered, settle };

    async function settle(ran: ReadonlyMap<string, string>): Promise<void> {
      const settledFromMs = nowMs();
      const entries = new Map<string, string>();
      let mismatches = 0;
      for (const [key, outputs] of ran) {
        const cached = toCheck.get(key);
        if (cached !== undefined && areEqualOutputs(cached, outputs, tolerance)) continue;
        if (cached !== undefined) mismatches++;
        entries.set(hashOf.get(key)!, outputs);
      }
      // A cache that just failed is not written to: that would fail as slowly again.
      const isWritten = failed || entries.size === 0 || (await cache.set(entries));
      const report = {
        lookedUp: keys.length,
        hits: answered.size + toCheck.size,
        failed: failed || !isWritten,
        checked: toCheck.size,
        mismatches,
        durationMs: lookedUpMs + nowMs() - settledFromMs,
      };
      // What is run to be compared saves nothing.
      policy.record({ ...report, hits: answered.size, keyCount: keys.length, rowCostMs });
      options.onReport?.(report);
    }
  }
}

/** A row's key as the table has it: the model, so that one can tell whose it is, and a digest of everything else. */
export function sharedKey(
  { model, computedBy }: Pick<SharedTierOptions, "model" | "computedBy">,
  key: string,
): string {
  return `${model}#${hash("sha256", `${computedBy}\n${key}`, "base64url")}`;
}

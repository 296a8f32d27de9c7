import { hash } from "node:crypto";
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

/** The shared cache as a predictor uses it. */
export interface SharedTier {
  isWorthwhile(rowCostMs: number | undefined): boolean;
  /** Ask for rows by their full keys, hashed on the way. */
  lookUp(keys: readonly string[]): Promise<SharedHits>;
}

export interface SharedHits {
  /** Key → outputs, for rows that need no run. */
  readonly answered: ReadonlyMap<string, string>;
  /** Key → outputs, for a sample that is run all the same and must come out equal. */
  readonly toCheck: ReadonlyMap<string, string>;
  /** Write what was run, compare the sample, and tell what it all took. */
  settle(ran: ReadonlyMap<string, string>): Promise<void>;
}

export interface SharedTierOptions {
  readonly model: string;
  readonly cache: SharedResultCache;
  readonly policy: SharedCachePolicy;
  /** Share of the hits that are recomputed, 0 to 1. @default 0.002 */
  readonly checkedRatio?: number;
  /** Uniform over [0, 1). */
  readonly random: () => number;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
  readonly onReport?: (report: CacheReport) => void;
}

export function createSharedTier(options: SharedTierOptions): SharedTier {
  const { model, cache, policy, checkedRatio = 0.002, random, nowMs } = options;
  return { isWorthwhile: (rowCostMs) => policy.isWorthwhile(rowCostMs), lookUp };

  async function lookUp(keys: readonly string[]): Promise<SharedHits> {
    const startedMs = nowMs();
    const hashed = keys.map((key) => sharedKey(model, key));
    const { found, failed } = await cache.get(hashed);
    const answered = new Map<string, string>();
    const toCheck = new Map<string, string>();
    keys.forEach((key, i) => {
      const outputs = found.get(hashed[i]!);
      if (outputs !== undefined) (random() < checkedRatio ? toCheck : answered).set(key, outputs);
    });
    const lookedUpMs = nowMs() - startedMs;
    return { answered, toCheck, settle };

    async function settle(ran: ReadonlyMap<string, string>): Promise<void> {
      const writeStartedMs = nowMs();
      const mismatched = [...toCheck].filter(([key, outputs]) => ran.has(key) && ran.get(key) !== outputs);
      const news = [...ran].filter(([key]) => !toCheck.has(key));
      // A cache that just failed is not written to: that would fail as slowly again.
      const entries = new Map(
        [...news, ...mismatched.map(([key]) => [key, ran.get(key)!] as const)].map(([key, outputs]) => [
          sharedKey(model, key),
          outputs,
        ]),
      );
      const written = failed || entries.size === 0 || (await cache.set(entries));
      const report = {
        lookedUp: keys.length,
        hits: answered.size + toCheck.size,
        failed: failed || !written,
        checked: toCheck.size,
        mismatches: mismatched.length,
        durationMs: lookedUpMs + nowMs() - writeStartedMs,
      };
      policy.record({ ...report, keyCount: keys.length });
      options.onReport?.(report);
    }
  }
}

/** A row's key as the table has it: the model, so that access can be granted by it, and a digest of everything else. */
export function sharedKey(model: string, key: string): string {
  return `${model}#${hash("sha256", key, "base64url")}`;
}

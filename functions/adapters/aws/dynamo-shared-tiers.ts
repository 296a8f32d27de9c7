import { arch } from "node:process";
import { secondsOf } from "../../contract/duration.ts";
import type { ModelPackage } from "../../contract/model-package.ts";
import { releaseVersion } from "../../contract/release.ts";
import { createSharedCachePolicy } from "../../core/cache/shared-cache-policy.ts";
import { createSharedTier, type SharedTier } from "../../core/cache/shared-tier.ts";
import type { Logger } from "../../core/observe/logger.ts";
import type { Metrics } from "../../core/observe/metrics.ts";
import { DynamoResultCache } from "./dynamo-result-cache.ts";
import type { TableClient } from "./table-client.ts";

export interface DynamoSharedTiersOptions {
  readonly client: TableClient;
  /** Partition key `key` (string), TTL attribute `expiresAt`. */
  readonly table: string;
  readonly model: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** @returns what makes the shared cache of one version, as its package says, counted in the function's metrics. */
export function createDynamoSharedTiers(
  options: DynamoSharedTiersOptions,
): (pkg: ModelPackage) => SharedTier | undefined {
  const { model, metrics, logger } = options;
  const nowMs = () => performance.now();
  return ({ cache, samplesTolerance }) => {
    if (cache.shared === "never") return undefined;
    return createSharedTier({
      model,
      computedBy: `${releaseVersion} ${arch}`,
      cache: new DynamoResultCache({ ...options, ttlSeconds: secondsOf(cache.ttl) }),
      policy: createSharedCachePolicy(cache.shared, nowMs),
      tolerance: samplesTolerance,
      random: Math.random,
      nowMs,
      onDecision({ asks, rowCostMs, keyCostMs }) {
        metrics.add("CacheShared", asks ? 1 : 0, "None");
        if (rowCostMs !== undefined) metrics.add("RowCostUs", rowCostMs * 1e3, "Microseconds");
        if (keyCostMs !== undefined) metrics.add("CacheKeyCostUs", keyCostMs * 1e3, "Microseconds");
      },
      onReport({ lookedUp, hits, failed, mismatches, durationMs }) {
        metrics.add("CacheHits", hits, "Count");
        metrics.add("CacheMisses", lookedUp - hits, "Count");
        metrics.add("CacheMs", durationMs, "Milliseconds");
        if (failed) metrics.add("CacheErrors", 1, "Count");
        metrics.add("CacheMismatch", mismatches, "Count");
        if (mismatches > 0)
          logger.error("the shared cache held results that the model no longer gives", { mismatches });
      },
    });
  };
}

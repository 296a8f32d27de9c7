import type { PackageDeclarations } from "../core/inference/package-declarations.ts";
import type { PackageReferences } from "../core/monitor/drift/package-references.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { Ledger } from "../core/rollout/ledger.ts";
import type { ShardStateStore } from "../core/state/shard-state-store.ts";

/** Everything the drift function leans on. */
export interface DriftDeps {
  readonly models: readonly string[];
  readonly ledger: Pick<Ledger, "latest">;
  readonly declarations: PackageDeclarations;
  readonly references: PackageReferences;
  /** Holds the shards' clocks. */
  readonly tiles: ShardStateStore;
  /** Holds sketches and accuracy, and takes the reports. */
  readonly sketches: ShardStateStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly sleep: (durationMs: number) => Promise<unknown>;
}

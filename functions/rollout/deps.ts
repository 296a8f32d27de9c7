import type { LoadOptions } from "../core/inference/loaded-model.ts";
import type { PackageDeclarations } from "../core/inference/package-declarations.ts";
import type { PackageStore } from "../core/inference/package-store.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { LayoutStore } from "../core/outcome/layout-store.ts";
import type { Ledger } from "../core/rollout/ledger.ts";
import type { ShardStateStore } from "../core/state/shard-state-store.ts";
import type { ObjectReader } from "../core/train/examples/object-reader.ts";
import type { LearningStore } from "../core/train/loop/learning-record.ts";
import type { Notices } from "../core/train/loop/notices.ts";

/** Everything the rollout function leans on. */
export interface RolloutDeps {
  readonly stage: string;
  /** The one model whose versions it tries. */
  readonly model: string;
  readonly ledger: Ledger;
  readonly packages: PackageStore;
  readonly layouts: LayoutStore;
  readonly declarations: PackageDeclarations;
  /** The data bucket: training data, new models, examples. */
  readonly objects: ObjectReader;
  /** How versions are loaded that are about to be published. */
  readonly load: LoadOptions;
  /** Pairs, accuracy and sketches. */
  readonly sketches: ShardStateStore;
  /** Where the shards' clocks are. */
  readonly tiles: ShardStateStore;
  readonly records: LearningStore;
  readonly notices: Notices;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

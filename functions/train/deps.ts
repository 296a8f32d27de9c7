import type { Logger } from "../core/observe/logger.ts";
import type { ObjectStore } from "../core/train/examples/object-reader.ts";
import type { SearchPool } from "../core/train/trees/search-plan.ts";

/** Everything the train function leans on. */
export interface TrainDeps {
  /** The data bucket. */
  readonly store: ObjectStore;
  /** Of this function. */
  readonly memoryMiB: number;
  /** Threads to search with. @default the calling one alone */
  readonly pool?: SearchPool;
  readonly logger: Logger;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}

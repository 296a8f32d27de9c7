import type { InferenceEngine } from "../core/inference/model-session.ts";
import type { PackageStore } from "../core/inference/package-store.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { ObjectStore } from "../core/train/examples/object-reader.ts";

/** Everything the evaluate function leans on. */
export interface EvaluateDeps {
  /** The data bucket. */
  readonly store: ObjectStore;
  /** Published packages. */
  readonly packages: Pick<PackageStore, "read">;
  readonly engine: InferenceEngine;
  readonly logger: Logger;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}

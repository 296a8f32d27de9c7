import type { InferenceEngine } from "../core/inference/model-session.ts";
import type { PackageDeclarations } from "../core/inference/package-declarations.ts";
import type { PackageStore } from "../core/inference/package-store.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { LayoutStore } from "../core/outcome/layout-store.ts";
import type { OutcomeStore } from "../core/outcome/outcome-store.ts";
import type { Ledger } from "../core/rollout/ledger.ts";
import type { ObjectStore } from "../core/train/examples/object-reader.ts";

/** Everything the assemble function leans on. */
export interface AssembleDeps {
  readonly ledger: Pick<Ledger, "latest">;
  readonly declarations: PackageDeclarations;
  readonly layouts: LayoutStore;
  /** The data bucket. */
  readonly store: ObjectStore;
  /** Where the predictions stand whose outcomes came early. */
  readonly outcomes: Pick<OutcomeStore, "find">;
  /** Published packages: a teacher's model is read from them. */
  readonly packages: Pick<PackageStore, "read">;
  /** Runs the teacher. */
  readonly engine: InferenceEngine;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}

import type { ArchiveStore } from "../core/archive/archive-store.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { StageRedactor } from "./stage-redactor.ts";

/** Everything the archive function leans on. */
export interface ArchiveDeps {
  readonly redactor: StageRedactor;
  readonly archive: ArchiveStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

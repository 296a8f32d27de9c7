import type { LedgerEntry } from "../../functions/contract/ledger.ts";
import type { RolloutStage } from "./open-stage.ts";

/** What is found of a challenger or a shadow beside the champion. */
export interface ShownVerdict {
  /** For people. */
  readonly lines: readonly string[];
  /** For programs. */
  readonly json: unknown;
}

/** Reads how the versions that are live beside the champion compare with it; undefined where there is nothing to say. */
export type VerdictReader = (stage: RolloutStage, live: LedgerEntry) => Promise<ShownVerdict | undefined>;

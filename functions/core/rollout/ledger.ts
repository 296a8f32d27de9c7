import type { LedgerEntry } from "../../contract/ledger.ts";

/** The append-only history of every publish and alias move; it is the registry. */
export interface Ledger {
  /** The newest entry of a model, by a consistent read; undefined when nothing was published. */
  latest(model: string): Promise<LedgerEntry | undefined>;
  /** Entries of a model, newest first. */
  history(model: string, options?: { limit?: number }): Promise<readonly LedgerEntry[]>;
  /**
   * Append `entry.revision`, once.
   *
   * @throws {ConflictError} when that revision exists: somebody else moved first, nothing was written.
   */
  append(entry: LedgerEntry): Promise<void>;
}

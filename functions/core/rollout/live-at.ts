import type { LedgerEntry } from "../../contract/ledger.ts";

/**
 * The entry that was live at a time: its aliases say which version each alias named then.
 *
 * An entry is live from its own instant on; of entries of one instant the newest is.
 *
 * @param history - a model's entries, newest first, as a ledger gives them.
 * @param timeMs - epoch milliseconds.
 * @returns undefined before the first publish.
 */
export function liveAt(history: readonly LedgerEntry[], timeMs: number): LedgerEntry | undefined {
  return history.find(({ at }) => Date.parse(at) <= timeMs);
}

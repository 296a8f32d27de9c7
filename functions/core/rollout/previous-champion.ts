import type { ModelDigest } from "../../contract/ids.ts";
import type { LedgerEntry } from "../../contract/ledger.ts";

/**
 * The champion that a rollback goes back to: the newest one before the present that differs from it.
 *
 * A rollback takes back what it left: after a second one in a row the champion before both is live, never again the
 * version that the first one took away.
 *
 * @param history - a model's entries, newest first.
 * @returns undefined where there was no other.
 */
export function previousChampion(history: readonly LedgerEntry[]): ModelDigest | undefined {
  /** Champions that are still to be gone back to, the present one last; no two side by side are equal. */
  const stack: ModelDigest[] = [];
  for (const { aliases, change } of history.toReversed()) {
    const digest = aliases.champion?.digest;
    if (digest === undefined || digest === stack.at(-1)) continue;
    const isRollback = change.kind === "alias" && change.action === "rollback";
    if (isRollback && stack.at(-2) === digest) stack.pop();
    else stack.push(digest);
  }
  return stack.at(-2);
}

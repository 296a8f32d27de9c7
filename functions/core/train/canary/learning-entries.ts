import type { ModelDigest } from "../../../contract/ids.ts";
import type { LedgerEntry } from "../../../contract/ledger.ts";

/** Who retraining is in the ledger. */
export const learner = "learning";

/** The reason that an execution gives in the ledger, by which it knows its own entries again. */
export function learningWhy(execution: string, what: string): string {
  return `execution ${execution}: ${what}`;
}

/** What an execution has written. @param history - newest first, as is what is returned */
export function entriesOf(history: readonly LedgerEntry[], execution: string): readonly LedgerEntry[] {
  return history.filter(({ by, why }) => by === learner && why.startsWith(learningWhy(execution, "")));
}

/** The versions that an execution published or moved, each once. */
export function versionsOf(history: readonly LedgerEntry[], execution: string): readonly ModelDigest[] {
  return [...new Set(entriesOf(history, execution).flatMap(({ change }) => change.digest ?? []))];
}

/** What an execution published; undefined where it has not come to that, or its version was there already. */
export function publishOf(
  history: readonly LedgerEntry[],
  execution: string,
): { readonly entry: LedgerEntry; readonly digest: ModelDigest } | undefined {
  for (const entry of entriesOf(history, execution))
    if (entry.change.kind === "publish") return { entry, digest: entry.change.digest };
  return undefined;
}

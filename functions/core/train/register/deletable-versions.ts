import type { ModelDigest } from "../../../contract/ids.ts";
import type { LedgerEntry } from "../../../contract/ledger.ts";
import { publishedDigests } from "../../rollout/version-of.ts";
import { roleOf } from "../canary/standing.ts";

export interface KeepRules {
  /** How many champions are kept, the newest, each version counted once. At least 1. */
  readonly keepChampions: number;
  /** How long a version is kept after it was published or an alias named it last. */
  readonly olderThanDays: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

const dayMs = 86_400_000;

/**
 * The versions of a model whose files may be deleted: no alias names them, they are none of the newest champions, and
 * nothing has been done with them for long.
 *
 * The ledger keeps telling of them.
 *
 * @param history - all entries of the model, newest first.
 * @returns the newest first.
 */
export function deletableVersions(
  history: readonly LedgerEntry[],
  { keepChampions, olderThanDays, nowMs }: KeepRules,
): readonly ModelDigest[] {
  const newest = history[0];
  if (newest === undefined) return [];
  const champions = new Set(history.flatMap(({ aliases }) => aliases.champion?.digest ?? []));
  const kept = new Set([...champions].slice(0, Math.max(1, keepChampions)));
  const isOld = (digest: ModelDigest) => lastUseMs(history, digest) <= nowMs - olderThanDays * dayMs;
  return publishedDigests(history).filter(
    (digest) => !kept.has(digest) && roleOf(newest, digest) === undefined && isOld(digest),
  );
}

/** When a version was published last, or lost the last alias that it had. */
function lastUseMs(history: readonly LedgerEntry[], digest: ModelDigest): number {
  const used = history.findIndex(
    (entry) => roleOf(entry, digest) !== undefined || entry.change.digest === digest,
  );
  const entry = history[used]!;
  // An entry is live until the next one.
  const end = roleOf(entry, digest) === undefined ? entry : (history[used - 1] ?? entry);
  return Date.parse(end.at);
}
